/** Puts one answer of a model together while it streams: its parts, and the events that tell them. */
import type { AgentEvent, AssistantPart, ModelEvent } from '../agent.types.ts';
import { isArguments, readArguments } from '../history/arguments.ts';
import type { CallPart } from '../history/order-answers.ts';
import type { RunState } from './run-state.ts';

export interface Answer {
  /** What an event of the model becomes; nothing for those that are no part of the answer. */
  take(event: ModelEvent): AgentEvent[];
  isEmpty(): boolean;
  /** Text, thinking and calls in the order of their beginning; calls whose arguments never ended carry what came, as text. */
  parts(): AssistantPart[];
  /** What may be kept of an answer that broke off: text, calls and thinking that are whole. */
  wholeParts(): AssistantPart[];
  /** Characters so far. */
  size(): number;
}

type SpokenPart = Exclude<AssistantPart, CallPart>;
type Draft = { number: number; part: SpokenPart } | { number: number; part: CallPart; text: string; isWhole: boolean };

export const openAnswer = (run: RunState): Answer => {
  const drafts: Draft[] = [];
  const calls = new Map<string, Extract<Draft, { isWhole: boolean }>>();
  let size = 0;

  const spoken = (event: Extract<ModelEvent, { type: 'text' | 'thinking' }>): AgentEvent[] => {
    const provider = event.type === 'thinking' ? event.provider : undefined;
    if (event.text === '' && provider === undefined) return [];
    const last = drafts.at(-1);
    const isNew = last === undefined || last.part.type !== event.type || isClosed(last.part, provider);
    const draft = isNew ? { number: run.nextPart(), part: { type: event.type, text: '' } as SpokenPart } : last;
    if (isNew) drafts.push(draft);
    if (draft.part.type === 'tool_call') return [];
    draft.part.text += event.text;
    if (draft.part.type === 'thinking' && provider !== undefined) draft.part.provider = provider;
    if (event.text === '') return [];
    return [{ type: 'delta', part: draft.number, kind: event.type, text: event.text }];
  };

  const callOf = (key: string, tool: string): Extract<Draft, { isWhole: boolean }> => {
    const known = calls.get(key);
    if (known !== undefined) return known;
    const part: CallPart = { type: 'tool_call', callId: run.request.newCallId(), tool, arguments: '' };
    const draft = { number: run.nextPart(), part, text: '', isWhole: false };
    drafts.push(draft);
    calls.set(key, draft);
    return draft;
  };

  const piece = (key: string, tool: string, text: string): AgentEvent => {
    const draft = callOf(key, tool);
    draft.text += text;
    return { type: 'call_delta', part: draft.number, callId: draft.part.callId, tool: draft.part.tool, text };
  };

  const whole = (event: Extract<ModelEvent, { type: 'tool_call' }>): AgentEvent[] => {
    const draft = callOf(event.key, event.tool);
    if (draft.isWhole) return [];
    draft.isWhole = true;
    draft.part.tool = event.tool;
    draft.part.arguments = readArguments(event.arguments);
    if (event.provider !== undefined) draft.part.provider = event.provider;
    return draft.text === '' ? [piece(event.key, event.tool, textOf(draft.part.arguments))] : [];
  };

  return {
    take(event) {
      if (event.type === 'text' || event.type === 'thinking' || event.type === 'tool_call_piece')
        size += event.text.length;
      if (event.type === 'text' || event.type === 'thinking') return spoken(event);
      if (event.type === 'tool_call_piece') return [piece(event.key, event.tool, event.text)];
      return event.type === 'tool_call' ? whole(event) : [];
    },
    isEmpty: () => drafts.length === 0,
    parts: () =>
      drafts.map((draft) =>
        'isWhole' in draft && !draft.isWhole ? { ...draft.part, arguments: draft.text } : draft.part,
      ),
    wholeParts: () =>
      drafts.filter((draft) => ('isWhole' in draft ? draft.isWhole : isWholeWords(draft.part))).map(({ part }) => part),
    size: () => size,
  };
};

/** A provider's mark ends a piece of thinking; one that comes with every piece does not. */
const isClosed = (part: AssistantPart, provider: unknown): boolean =>
  part.type === 'thinking' && part.provider !== undefined && provider === undefined;

/** Providers refuse thinking without their own mark. */
const isWholeWords = (part: SpokenPart): boolean =>
  part.type === 'text' ? part.text !== '' : part.provider !== undefined;

const textOf = (given: unknown): string => (isArguments(given) ? JSON.stringify(given) : String(given));
