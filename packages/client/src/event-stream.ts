/** One event log followed by cursor: backfill, then live, each row once and in order, across reconnects and resets. */
import type { HubEvent, NavisError, EventData, SubscriptionRequest } from '@navisai/protocol';
import type { Follower, Wire } from './follower.types.ts';
import type { EventCursor, EventStream, EventStreamHandlers } from './live.types.ts';

export interface EventStreamOptions {
  /** `undefined` is the stream `hub`. */
  sessionId: string | undefined;
  handlers: EventStreamHandlers;
  cursor: EventCursor | undefined;
}

const seqOf = (event: HubEvent): number | undefined =>
  'seq' in event.data && typeof event.data.seq === 'number' ? event.data.seq : undefined;

export class EventStreamFollower implements Follower, EventStream {
  readonly #options: EventStreamOptions;
  readonly #wire: Wire;
  #cursor: EventCursor | undefined;
  /** Holes are only trusted in backfill, where the log itself may have them. */
  #isLive = false;

  constructor(options: EventStreamOptions, wire: Wire) {
    this.#options = options;
    this.#wire = wire;
    this.#cursor = options.cursor;
  }

  get cursor(): EventCursor | undefined {
    return this.#cursor;
  }

  close(): void {
    this.#wire.leave();
  }

  request(): SubscriptionRequest {
    const { sessionId } = this.#options;
    this.#isLive = false;
    const cursor = { after: this.#cursor?.after, generation: this.#cursor?.generation };
    return sessionId === undefined ? { kind: 'hub', ...cursor } : { kind: 'session', sessionId, ...cursor };
  }

  onSubscribed(data: EventData<'subscribed'>): void {
    const isReset = data.reset === true && this.#cursor !== undefined;
    if (isReset || this.#cursor === undefined) this.#cursor = { after: data.after ?? 0, generation: data.generation };
    else this.#cursor = { after: this.#cursor.after, generation: data.generation };
    if (isReset) this.#options.handlers.onReset?.(this.#cursor);
  }

  onEvent(event: HubEvent): void {
    const seq = seqOf(event);
    if (seq === undefined || this.#belongsElsewhere(event)) this.#options.handlers.onEvent(event);
    else this.#onRow(event, seq);
  }

  onLive(seq: number): void {
    this.#isLive = true;
    this.#cursor = { after: Math.max(this.#cursor?.after ?? 0, seq), generation: this.#cursor?.generation };
    this.#options.handlers.onLive?.(this.#cursor);
  }

  onBytes(): void {}
  onLink(): void {}
  onRefused(): void {}

  onEnded(error: NavisError): void {
    this.#options.handlers.onEnd?.(error);
  }

  /** On the hub's stream, copies of session events carry the `seq` of their session. */
  #belongsElsewhere(event: HubEvent): boolean {
    return this.#options.sessionId === undefined && event.sessionId !== undefined;
  }

  #onRow(event: HubEvent, seq: number): void {
    const after = this.#cursor?.after ?? 0;
    if (seq <= after) return;
    if (this.#isLive && seq > after + 1) {
      this.#wire.resubscribe();
      return;
    }
    this.#cursor = { after: seq, generation: this.#cursor?.generation };
    this.#options.handlers.onEvent(event);
  }
}
