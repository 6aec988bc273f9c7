/** The context as providers take it: the person begins, people and assistant take turns, arguments are objects. */
import type { AgentMessage, AssistantPart } from '../agent.types.ts';
import { isArguments } from './arguments.ts';
import { orderAnswers } from './order-answers.ts';

/** Said for the person where a provider wants somebody to have spoken. */
const goOn: AgentMessage = { role: 'user', text: 'Go on.' };

export const requestMessages = (messages: readonly AgentMessage[]): AgentMessage[] => new RequestView().of(messages);

/**
 * The same for a context that grows: only what is new is looked at. Calls of what it has seen are not answered later,
 * which holds in a run: every call is answered before the model is asked again.
 */
export class RequestView {
  #source: readonly AgentMessage[] = [];
  #seen = 0;
  #merged: AgentMessage[] = [];

  of(messages: readonly AgentMessage[]): AgentMessage[] {
    if (messages !== this.#source || messages.length < this.#seen) {
      this.#source = messages;
      this.#seen = 0;
      this.#merged = [];
    }
    for (const message of orderAnswers(this.#seen === 0 ? messages : messages.slice(this.#seen))) this.#append(message);
    this.#seen = messages.length;
    const isBegun = this.#merged[0]?.role === 'user';
    const isOver = this.#merged.at(-1)?.role === 'assistant';
    return [...(isBegun ? [] : [goOn]), ...this.#merged, ...(isOver ? [goOn] : [])];
  }

  #append(message: AgentMessage): void {
    const next = withObjects(message);
    const joined = join(this.#merged.at(-1), next);
    if (joined === undefined) this.#merged.push(next);
    else this.#merged[this.#merged.length - 1] = joined;
  }
}

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
const withObjects = (message: AgentMessage): AgentMessage =>
  message.role === 'assistant' && message.parts.some(isBroken)
    ? {
        role: 'assistant',
        parts: message.parts.map((part) =>
          isBroken(part) ? { ...part, arguments: { invalid_arguments: part.arguments } } : part,
        ),
      }
    : message;

const isBroken = (part: AssistantPart): part is Extract<AssistantPart, { type: 'tool_call' }> =>
  part.type === 'tool_call' && !isArguments(part.arguments);
