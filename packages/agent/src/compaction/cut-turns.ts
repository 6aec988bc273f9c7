/** Takes work out of a context by whole turns; what people said stays, word by word and in order. */
import type { AgentMessage, ModelAttachment } from '../agent.types.ts';
import { shortenMiddle } from '../loop/shorten-middle.ts';

export interface CompactionPlan {
  /** The new context; a summary has its place in it. */
  withSummary(summary: string): AgentMessage[];
  /** What the summary has to tell about; empty where nothing goes but parts of results. */
  removed: AgentMessage[];
}

/** Where each turn begins: at what the assistant said, with its answers behind it. */
export const turnsOf = (messages: readonly AgentMessage[]): number[] =>
  messages.flatMap((message, index) => (message.role === 'assistant' ? [index] : []));

/** Everything of the assistant before the newest `kept` turns, and summaries that stood for earlier work, become one summary. */
export const cutTurns = (messages: readonly AgentMessage[], kept: number): CompactionPlan => {
  const cut = kept === 0 ? messages.length : (turnsOf(messages).at(-kept) ?? 0);
  const old = messages.slice(0, cut);
  const rest = messages.slice(cut);
  const hasWork = old.some((message) => !isSaid(message));
  return {
    removed: hasWork ? old : [],
    withSummary: (summary) =>
      hasWork ? [...old.filter(isSaid), { role: 'user', text: summary, isSummary: true }, ...rest] : [...messages],
  };
};

/** By a person. */
const isSaid = (message: AgentMessage): boolean => message.role === 'user' && message.isSummary !== true;

/** Results of the messages before `to`, each cut to `max` characters. */
export const shortenResults = (
  messages: readonly AgentMessage[],
  { max, to }: { max: number; to: number },
): AgentMessage[] =>
  messages.map((message, index) => {
    if (message.role !== 'tool' || index >= to || message.results.every(({ output }) => output.length <= max))
      return message;
    const results = message.results.map((result) => ({
      ...result,
      output: shortenMiddle(result.output, { max, callId: result.callId }),
    }));
    return { role: 'tool', results };
  });

/** All but those of the newest message that has any; their names stay. */
export const withoutAttachments = (messages: readonly AgentMessage[]): AgentMessage[] => {
  const newest = messages.findLastIndex((message) => attachmentsOf(message).length > 0);
  return messages.map((message, index) => {
    const attachments = attachmentsOf(message);
    if (message.role !== 'user' || attachments.length === 0 || index === newest) return message;
    const names = attachments.map(({ name }) => JSON.stringify(name)).join(', ');
    return { role: 'user', text: `${message.text}\n\n[Attachments that were taken out of the context: ${names}]` };
  });
};

export const attachmentsOf = (message: AgentMessage): readonly ModelAttachment[] =>
  (message.role === 'user' ? message.attachments : undefined) ?? [];
