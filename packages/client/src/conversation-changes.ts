/** What each event changed in a conversation, by its fold: for those who tell changes as they come instead of showing it whole. */
import type { HubEvent } from '@navisai/protocol';
import { emptyConversation, foldConversation } from './conversation-fold.ts';
import type { ConversationItem, ConversationState } from './conversation.types.ts';

type ItemOf<Kind, Item = ConversationItem> = Item extends { kind: infer Known }
  ? Kind extends Known
    ? Item
    : never
  : never;

/** One item as it was and as it is. */
export type ItemChange = {
  [Kind in ConversationItem['kind']]: {
    kind: Kind;
    /** `undefined`: it is new. */
    before: ItemOf<Kind> | undefined;
    item: ItemOf<Kind>;
    /** Said or done by a sub-agent. */
    isNested: boolean;
  };
}[ConversationItem['kind']];

export class ConversationChanges {
  #state: ConversationState = emptyConversation;

  /** `undefined` for what was told before, and for what shows nothing. */
  take(event: HubEvent): ItemChange | undefined {
    const last = this.#state;
    this.#state = foldConversation(last, event);
    const key = keyOf(event);
    if (key === undefined || this.#state === last) return undefined;
    const item = this.#state.items.get(key);
    const before = last.items.get(key);
    if (item === undefined || item === before) return undefined;
    const run = 'streamId' in item && item.streamId !== null ? this.#state.runs.get(item.streamId) : undefined;
    const isNested = run !== undefined && run.parent !== null;
    return { kind: item.kind, before: before?.kind === item.kind ? before : undefined, item, isNested } as ItemChange;
  }
}

/** Of the item that the event is about, as the fold names it. */
const keyOf = ({ type, data }: HubEvent): string | undefined => {
  switch (type) {
    case 'message':
      return `message/${data.messageId}`;
    case 'stream_delta':
      return data.callId === undefined ? `${data.streamId}/${data.part}` : `call/${data.callId}`;
    case 'stream_notice':
      return `${data.streamId}/notice/${data.seq}`;
    case 'plan':
      return `${data.streamId}/plan`;
    case 'tool_started':
    case 'tool_call':
      return `call/${data.callId}`;
    case 'stream_end':
      return `${data.streamId}/end`;
    default:
      return undefined;
  }
};
