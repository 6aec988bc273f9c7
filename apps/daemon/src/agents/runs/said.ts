/** What was said: by an agent, without what it thought and did; by a person, in one message. */
import type { AgentMessage } from '@navisai/agent';

export const textOf = (message: Extract<AgentMessage, { role: 'assistant' }>): string =>
  message.parts
    .flatMap((part) => (part.type === 'text' ? [part.text] : []))
    .join('\n\n')
    .trim();

export const hasCalls = (message: Extract<AgentMessage, { role: 'assistant' }>): boolean =>
  message.parts.some(({ type }) => type === 'tool_call');

export const inOne = (said: readonly AgentMessage[]): AgentMessage[] => {
  const words = said.filter((message) => message.role === 'user');
  if (words.length < 2) return [...said];
  const attachments = words.flatMap((message) => message.attachments ?? []);
  const text = words.map((message) => message.text).join('\n\n');
  return [{ role: 'user', text, ...(attachments.length === 0 ? {} : { attachments }) }];
};
