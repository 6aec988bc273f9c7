/** Backfill → cutover → live, written once: kept events after a cursor, then everything as it happens. */
import type { EventPage, FollowItem, FollowRequest, StreamEvent } from './events.types.ts';
import type { EventBus } from './memory-bus.ts';

export interface FollowSource {
  bus: EventBus;
  read(request: { stream: string; after: number; limit: number }): Promise<EventPage>;
}

const pageRows = 200;
/** Live events that wait for a slow reader; beyond it kept ones are read from the log again and unkept ones are dropped. */
export const maxQueuedLive = 500;

/**
 * The subscription begins before the first page is read, so nothing falls between. A kept event is delivered only when
 * it is the next one: an older one is a double, a younger one means that rows are missing and are read from the log. Rows
 * that are not there either were compacted: `live` then says that nothing is to be waited for.
 */
export async function* follow(
  source: FollowSource,
  { stream, after, signal, take }: FollowRequest,
): AsyncGenerator<FollowItem, void, void> {
  let seq = after;
  const takeNext = (event: StreamEvent): boolean => {
    const isNext = event.seq === undefined || event.seq === seq + 1;
    if (!isNext || take?.(event) !== true) return false;
    seq = event.seq ?? seq;
    return true;
  };
  using live = new LiveQueue(source.bus, { stream, signal, takeNext });
  let isLive = false;
  while (!signal.aborted) {
    live.hasOverflowed = false;
    for (;;) {
      const page = await source.read({ stream, after: seq, limit: pageRows });
      for (const event of page.events) {
        if (signal.aborted) return;
        const next = event.seq ?? seq;
        if (isLive && next > seq + 1) yield { kind: 'live', seq: next - 1 };
        seq = next;
        yield { kind: 'event', event };
      }
      if (page.events.length < pageRows) break;
    }
    if (!isLive) yield { kind: 'live', seq };
    isLive = true;
    for (;;) {
      const event = await live.next();
      if (event === undefined || live.hasOverflowed) break;
      if (event.seq !== undefined && event.seq <= seq) continue;
      if (event.seq !== undefined && event.seq > seq + 1) break;
      seq = event.seq ?? seq;
      yield { kind: 'event', event };
    }
  }
}

interface LiveQueueParts {
  stream: string;
  signal: AbortSignal;
  /** Takes an event while the next one is waited for, past the queue. */
  takeNext(event: StreamEvent): boolean;
}

class LiveQueue implements Disposable {
  hasOverflowed = false;
  readonly #events: StreamEvent[] = [];
  readonly #unsubscribe: () => void;
  readonly #signal: AbortSignal;
  readonly #takeNext: (event: StreamEvent) => boolean;
  /** Set while the next event is waited for. */
  #wake: (() => void) | undefined;
  readonly #onAbort = (): void => this.#wakeUp();

  constructor(bus: EventBus, { stream, signal, takeNext }: LiveQueueParts) {
    this.#signal = signal;
    this.#takeNext = takeNext;
    this.#unsubscribe = bus.subscribe(stream, (event) => this.#add(event));
    signal.addEventListener('abort', this.#onAbort);
  }

  /** `undefined` when the reading was ended. */
  async next(): Promise<StreamEvent | undefined> {
    while (this.#events.length === 0 && !this.hasOverflowed && !this.#signal.aborted)
      await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#signal.aborted ? undefined : this.#events.shift();
  }

  #add(event: StreamEvent): void {
    if (this.#wake !== undefined && this.#takeNext(event)) return;
    if (this.#events.length >= maxQueuedLive) {
      this.#events.length = 0;
      this.hasOverflowed = true;
    }
    if (!this.hasOverflowed) this.#events.push(event);
    this.#wakeUp();
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  [Symbol.dispose](): void {
    this.#unsubscribe();
    this.#signal.removeEventListener('abort', this.#onAbort);
  }
}
