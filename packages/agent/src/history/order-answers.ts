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
  const answers = answersOf(messages);
  const taken = new Set<string>();
  const ordered: AgentMessage[] = [];
  for (const message of messages) {
    if (message.role === 'user') ordered.push(message);
    if (message.role !== 'assistant') continue;
    const parts = message.parts.filter((part) => isWorthKeeping(part) && isFirst(part, taken));
    if (parts.length === 0) continue;
    const kept: AssistantMessage = parts.length === message.parts.length ? message : { role: 'assistant', parts };
    ordered.push(kept);
    const results = callsOf(kept).map((call) => answers.get(call.callId) ?? interrupted(call));
    if (results.length > 0) ordered.push({ role: 'tool', results });
  }
  return ordered;
};

/** Calls of the last thing the assistant said that have no answer yet. */
export const unansweredCalls = (messages: readonly AgentMessage[]): CallPart[] => {
  const last = messages.findLast((message) => message.role === 'assistant');
  if (last === undefined) return [];
  const answers = answersOf(messages);
  return callsOf(last).filter(({ callId }) => !answers.has(callId));
};

const answersOf = (messages: readonly AgentMessage[]): Map<string, ToolAnswer> => {
  const answers = new Map<string, ToolAnswer>();
  for (const message of messages)
    if (message.role === 'tool') for (const answer of message.results) answers.set(answer.callId, answer);
  return answers;
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
