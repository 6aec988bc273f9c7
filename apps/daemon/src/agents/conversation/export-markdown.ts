/** A conversation as Markdown: what was said and done, in order. */
import type { AssistantPart, ToolAnswer } from '@navisai/agent';
import type { Session } from '@navisai/protocol';
import type { KeptMessage } from '@navisai/store';
import type { KeptBody, StoredMessage } from './agent-messages.ts';

/** Of one answer of a tool. */
const maxOutput = 8 * 1024;

export const exportMarkdown = (session: Session, outline: readonly KeptMessage[]): string => {
  const head = `# ${oneLine(session.title)}\n\n${session.createdAt} · session ${session.id}`;
  const parts = outline.flatMap(({ body, at }) => {
    const given = body as KeptBody;
    return 'message' in given ? [describe(given.message, at)] : [];
  });
  return `${[head, ...parts].filter((part) => part !== '').join('\n\n')}\n`;
};

const describe = (message: StoredMessage, at: string): string => {
  if (message.role === 'user')
    return `## Person · ${at}\n\n${message.text}${attached(message.attachments?.length ?? 0)}`;
  if (message.role === 'tool') return message.results.map(answer).join('\n\n');
  const said = message.parts.map(part).filter((text) => text !== '');
  return said.length === 0 ? '' : `## Agent · ${at}\n\n${said.join('\n\n')}`;
};

const attached = (count: number): string => (count === 0 ? '' : `\n\n_${count} attached_`);

const part = (given: AssistantPart): string => {
  if (given.type === 'text') return given.text;
  if (given.type === 'thinking') return given.text === '' ? '' : `> ${given.text.replaceAll('\n', '\n> ')}`;
  return `**${given.tool}**\n\n${fenced(JSON.stringify(given.arguments, null, 2), 'json')}`;
};

const answer = ({ tool, success, output }: ToolAnswer): string =>
  `**${tool}** ${success ? 'answered' : 'failed'}\n\n${fenced(output.length > maxOutput ? `${output.slice(0, maxOutput)}\n…` : output)}`;

/** A fence that the text itself cannot close. */
const fenced = (text: string, language = ''): string => {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), ([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
};

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
