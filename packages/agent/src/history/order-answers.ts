/** Makes any context one that can be shown to a model: every call has its answer right behind it, and nothing is empty. */
import type { AgentMessage, AssistantPart, ToolAnswer } from '../agent.types.ts';

type AssistantMessage = Extract<AgentMessage, { role: 'assistant' }>;
export type CallPart = Extract<AssistantPart, { type: 'tool_call' }>;

export const callsOf = ({ parts }: AssistantMessage): CallPart[] => parts.filter((part) => part.type === 'tool_call');

/**
 * Answers stand right behind their calls, in the order of the calls; a call that nobody answered is answered as
 * interrupted, an answer without its call and what is empty goes. People's words stay where they are.
 */
export const orderAnswers = (messages: readonly AgentMessage[]): AgentMessage[] => {
  // Looked at as a whole only where something is not in its place: contexts are long, and in order.
  let answers: Map<string, ToolAnswer> | undefined;
  const taken = new Set<string>();
  const ordered: AgentMessage[] = [];
  for (const [index, message] of messages.entries()) {
    if (message.role === 'user') ordered.push(message);
    if (message.role !== 'assistant') continue;
    const kept = withoutEmpty(message, taken);
    if (kept === undefined) continue;
    ordered.push(kept);
    const calls = callsOf(kept);
    if (calls.length === 0) continue;
    const next = messages[index + 1];
    if (next?.role === 'tool' && isAnswerOf(next.results, calls)) {
      ordered.push(next);
      continue;
    }
    const found = (answers ??= answersOf(messages));
    ordered.push({ role: 'tool', results: calls.map((call) => found.get(call.callId) ?? interrupted(call)) });
  }
  return ordered;
};

/** Calls of the last thing the assistant said that have no answer yet. */
export const unansweredCalls = (messages: readonly AgentMessage[]): CallPart[] => {
  const index = messages.findLastIndex((message) => message.role === 'assistant');
  const last = messages[index];
  if (last?.role !== 'assistant') return [];
  const answers = answersOf(messages.slice(index));
  return callsOf(last).filter(({ callId }) => !answers.has(callId));
};

const answersOf = (messages: readonly AgentMessage[]): Map<string, ToolAnswer> => {
  const answers = new Map<string, ToolAnswer>();
  for (const message of messages)
    if (message.role === 'tool') for (const answer of message.results) answers.set(answer.callId, answer);
  return answers;
};

const isAnswerOf = (results: readonly ToolAnswer[], calls: readonly CallPart[]): boolean =>
  results.length === calls.length && calls.every(({ callId }, index) => results[index]?.callId === callId);

/** The message itself where nothing of it is empty or was said before; undefined where nothing is left. */
const withoutEmpty = (message: AssistantMessage, taken: Set<string>): AssistantMessage | undefined => {
  const parts = message.parts.filter((part) => isWorthKeeping(part) && isFirst(part, taken));
  if (parts.length === message.parts.length && parts.length > 0) return message;
  return parts.length === 0 ? undefined : { role: 'assistant', parts };
};

const isWorthKeeping = (part: AssistantPart): boolean =>
  part.type === 'tool_call' || part.text !== '' || (part.type === 'thinking' && part.provider !== undefined);

/** A call id is answered once. */
const isFirst = (part: AssistantPart, taken: Set<string>): boolean => {
  if (part.type !== 'tool_call') return true;
  if (taken.has(part.callId)) return false;
  taken.add(part.callId);
  return true;
};

const interrupted = ({ callId, tool }: CallPart): ToolAnswer => ({
  callId,
  tool,
  success: false,
  output: '[Failed: nothing is known about how this call ended. Look before doing it again. (INTERRUPTED)]',
});
