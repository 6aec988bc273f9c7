/** What an agent said, without what it thought and did. */
import type { AgentMessage } from '@navisai/agent';

export const textOf = (message: Extract<AgentMessage, { role: 'assistant' }>): string =>
  message.parts
    .flatMap((part) => (part.type === 'text' ? [part.text] : []))
    .join('\n\n')
    .trim();
