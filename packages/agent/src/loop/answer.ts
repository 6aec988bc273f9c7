/** Puts one answer of a model together while it streams: its parts, and the events that tell them. */
import type { AgentEvent, AssistantPart, ModelEvent } from '../agent.types.ts';
import { isArguments, readArguments } from '../history/arguments.ts';
import type { CallPart } from '../history/order-answers.ts';
import type { RunState } from './run-state.ts';

type SpokenPart = Exclude<AssistantPart, CallPart>;
type Spoken = Extract<ModelEvent, { type: 'text' | 'thinking' }>;
interface SpokenDraft {
  kind: 'spoken';
  number: number;
  part: SpokenPart;
  /** The provider's mark came by itself: what follows is another piece of thinking, such as a redacted one. */
  isEnded: boolean;
}
interface CallDraft {
  kind: 'call';
  number: number;
  part: CallPart;
  /** Arguments so far, as they came. */
  text: string;
  isWhole: boolean;
}

/** Lives as long as the answer streams. */
export class Answer {
  readonly #run: Pick<RunState, 'nextPart' | 'request'>;
  readonly #drafts: (SpokenDraft | CallDraft)[] = [];
  /** By the provider's id of the call. */
  readonly #calls = new Map<string, CallDraft>();
  #size = 0;

  constructor(run: Pick<RunState, 'nextPart' | 'request'>) {
    this.#run = run;
  }

  get isEmpty(): boolean {
    return this.#drafts.length === 0;
  }

  /** Characters so far. */
  get size(): number {
    return this.#size;
  }

  /** What an event of the model becomes; nothing for those that are no part of the answer. */
  take(event: ModelEvent): AgentEvent[] {
    switch (event.type) {
      case 'text':
      case 'thinking':
        return this.#takeSpoken(event);
      case 'tool_call_piece':
        return [this.#takePiece(event)];
      case 'tool_call':
        return this.#takeCall(event);
      case 'model':
      case 'notice':
      case 'end':
      case 'error':
        return [];
    }
  }

  /** In the order of their beginning; calls whose arguments never ended carry what came, as text. */
  parts(): AssistantPart[] {
    return this.#drafts.map((draft) =>
      draft.kind === 'call' && !draft.isWhole ? { ...draft.part, arguments: draft.text } : draft.part,
    );
  }

  /** What may be kept of an answer that broke off: text, calls and thinking that are whole. */
  wholeParts(): AssistantPart[] {
    return this.#drafts
      .filter((draft) => (draft.kind === 'call' ? draft.isWhole : isWholeWords(draft.part)))
      .map(({ part }) => part);
  }

  /** Calls whose arguments never ended: viewers saw them begin. */
  unfinishedCalls(): CallPart[] {
    return this.#drafts.flatMap((draft) => (draft.kind === 'call' && !draft.isWhole ? [draft.part] : []));
  }

  #takeSpoken(event: Spoken): AgentEvent[] {
    const provider = event.type === 'thinking' ? event.provider : undefined;
    if (event.text === '' && provider === undefined) return [];
    const draft = this.#spokenDraft(event, provider);
    const { number, part } = draft;
    if (event.text === '') draft.isEnded = true;
    this.#size += event.text.length;
    part.text += event.text;
    if (part.type === 'thinking' && provider !== undefined) part.provider = provider;
    return event.text === '' ? [] : [{ type: 'delta', part: number, kind: event.type, text: event.text }];
  }

  #spokenDraft({ type }: Spoken, provider: unknown): SpokenDraft {
    const last = this.#drafts.at(-1);
    if (last?.kind === 'spoken' && last.part.type === type && !isClosed(last, provider)) return last;
    const number = this.#run.nextPart();
    const draft: SpokenDraft = { kind: 'spoken', number, part: { type, text: '' }, isEnded: false };
    this.#drafts.push(draft);
    return draft;
  }

  #takePiece({ key, tool, text }: { key: string; tool: string; text: string }): AgentEvent {
    const draft = this.#callDraft(key, tool);
    this.#size += text.length;
    draft.text += text;
    return { type: 'call_delta', part: draft.number, callId: draft.part.callId, tool: draft.part.tool, text };
  }

  #takeCall({ key, tool, provider, ...event }: Extract<ModelEvent, { type: 'tool_call' }>): AgentEvent[] {
    const draft = this.#callDraft(key, tool);
    if (draft.isWhole) return [];
    draft.isWhole = true;
    draft.part.tool = tool;
    draft.part.arguments = readArguments(event.arguments);
    if (provider !== undefined) draft.part.provider = provider;
    return draft.text === '' ? [this.#takePiece({ key, tool, text: textOf(draft.part.arguments) })] : [];
  }

  #callDraft(key: string, tool: string): CallDraft {
    const known = this.#calls.get(key);
    if (known !== undefined) return known;
    const part: CallPart = { type: 'tool_call', callId: this.#run.request.newCallId(), tool, arguments: '' };
    const draft: CallDraft = { kind: 'call', number: this.#run.nextPart(), part, text: '', isWhole: false };
    this.#drafts.push(draft);
    this.#calls.set(key, draft);
    return draft;
  }
}

/** A provider's mark ends a piece of thinking; one that comes with every piece does not. */
const isClosed = ({ part, isEnded }: SpokenDraft, provider: unknown): boolean =>
  part.type === 'thinking' && (isEnded || (part.provider !== undefined && provider === undefined));

/** Providers refuse thinking without their own mark. */
const isWholeWords = (part: SpokenPart): boolean =>
  part.type === 'text' ? part.text !== '' : part.provider !== undefined;

const textOf = (given: unknown): string => (isArguments(given) ? JSON.stringify(given) : String(given));
