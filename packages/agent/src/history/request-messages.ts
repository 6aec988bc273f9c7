/** The context as providers take it: the person begins, people and assistant take turns, arguments are objects. */
import type { AgentMessage, AssistantPart } from '../agent.types.ts';
import { isArguments } from './arguments.ts';
import { orderAnswers } from './order-answers.ts';

/** Said for the person where a provider wants somebody to have spoken. */
const goOn = 'Go on.';

export const requestMessages = (messages: readonly AgentMessage[]): AgentMessage[] => {
  const merged: AgentMessage[] = [];
  for (const message of orderAnswers(messages)) {
    const next = message.role === 'assistant' ? { ...message, parts: message.parts.map(withObject) } : message;
    const joined = join(merged.at(-1), next);
    if (joined === undefined) merged.push(next);
    else merged[merged.length - 1] = joined;
  }
  if (merged[0]?.role !== 'user') merged.unshift({ role: 'user', text: goOn });
  if (merged.at(-1)?.role === 'assistant') merged.push({ role: 'user', text: goOn });
  return merged;
};

const join = (before: AgentMessage | undefined, next: AgentMessage): AgentMessage | undefined => {
  if (before?.role === 'user' && next.role === 'user') {
    const attachments = [...(before.attachments ?? []), ...(next.attachments ?? [])];
    const text = [before.text, next.text].filter((one) => one !== '').join('\n\n');
    return { role: 'user', text, ...(attachments.length === 0 ? {} : { attachments }) };
  }
  if (before?.role === 'assistant' && next.role === 'assistant')
    return { role: 'assistant', parts: [...before.parts, ...next.parts] };
  return undefined;
};

/** Providers refuse a context with arguments that are no object, also when it was the model that wrote them. */
const withObject = (part: AssistantPart): AssistantPart =>
  part.type !== 'tool_call' || isArguments(part.arguments)
    ? part
    : { ...part, arguments: { invalid_arguments: part.arguments } };
