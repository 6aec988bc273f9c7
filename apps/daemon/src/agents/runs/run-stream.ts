/**
 * What a run says, on its way to viewers and into the log (N9): a piece is told the moment it comes, those that come with it
 * in one event right after it, and all are kept with others within 250 ms. Telling costs the run nothing: a slow viewer has a bounded queue of its own.
 */
import { deltaBatchMs, type EventData } from '@navisai/protocol';
import type { NewEvent, StoreFeed } from '@navisai/store';

export interface RunStreamParts {
  feed: StoreFeed;
  now: () => number;
  sessionId: string;
  streamId: string;
}

/** A piece before it has its place. */
export type Piece = Pick<EventData<'stream_delta'>, 'part' | 'kind' | 'text' | 'callId' | 'tool' | 'success'>;

interface Pending extends Piece {
  offset: number;
}

/** Beyond it the pieces are kept before the batch is due, and whoever says them waits for that. */
const maxPendingCharacters = 256 * 1024;
/** DEGRADED: a log that cannot be written does not make a flood wait in memory. */
const maxUnkept = 64;

export class RunStream implements Disposable {
  readonly #parts: RunStreamParts;
  /** Length of each part that is not over yet. */
  readonly #lengths = new Map<number, number>();
  readonly #pending: Pending[] = [];
  /** What could not be kept when it was due. */
  readonly #unkept: NewEvent[] = [];
  #pendingCharacters = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Set while pieces come that the model sent with one that was told. */
  #together: NodeJS.Immediate | undefined;
  #untold: Pending | undefined;
  #writing: Promise<unknown> = Promise.resolve();
  #lastTextSeq: number | null = null;

  constructor(parts: RunStreamParts) {
    this.#parts = parts;
  }

  /** `seq` of the last kept row with text that the agent said. */
  get lastTextSeq(): number | null {
    return this.#lastTextSeq;
  }

  /** `undefined`: more may be said at once. Rejects NavisError DEGRADED when too much could not be kept. */
  say(piece: Piece): Promise<void> | undefined {
    const offset = this.#lengths.get(piece.part) ?? 0;
    this.#lengths.set(piece.part, offset + piece.text.length);
    this.#gather({ ...piece, offset });
    const last = this.#pending.at(-1);
    if (last?.part === piece.part) last.text += piece.text;
    else this.#pending.push({ ...piece, offset });
    this.#pendingCharacters += piece.text.length;
    if (this.#pendingCharacters > maxPendingCharacters) return this.#makeRoom();
    this.#timer ??= setTimeout(() => void this.flush().catch(() => undefined), deltaBatchMs);
    return undefined;
  }

  /** Keeps what was said, then these. Rejects NavisError DEGRADED when the log cannot be written. */
  async keep(...events: NewEvent[]): Promise<void> {
    await this.#append([...this.takePending(), ...events]);
  }

  async flush(): Promise<void> {
    await this.keep();
  }

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    await this.#writing.catch(() => undefined);
  }

  /** What was said and not kept yet, for a transaction of the caller; `putBack` where that fails. */
  takePending(): NewEvent[] {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#pendingCharacters = 0;
    this.#tellGathered();
    const said = this.#pending.splice(0).map((data) => this.event('stream_delta', data));
    return [...this.#unkept.splice(0), ...said];
  }

  putBack(events: readonly NewEvent[]): void {
    this.#unkept.unshift(...events);
  }

  event<T extends StreamEventType>(type: T, data: StreamData<T>): NewEvent {
    const { sessionId, streamId } = this.#parts;
    return { stream: sessionId, sessionId, type, data: { streamId, ...data } } as unknown as NewEvent;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#tellGathered();
    clearImmediate(this.#together);
  }

  async #makeRoom(): Promise<void> {
    try {
      await this.flush();
    } catch (error) {
      if (this.#unkept.length > maxUnkept) throw error;
    }
  }

  async #append(events: NewEvent[]): Promise<void> {
    if (events.length === 0) return this.#writing.then(() => undefined);
    const writing = this.#writing.catch(() => undefined).then(() => this.#parts.feed.append(events));
    this.#writing = writing;
    try {
      for (const { seq, event } of await writing)
        if (event.type === 'stream_delta' && event.data.kind === 'text') this.#lastTextSeq = seq ?? null;
    } catch (error) {
      this.putBack(events);
      throw error;
    }
  }

  #gather(piece: Pending): void {
    if (this.#untold?.part === piece.part) this.#untold.text += piece.text;
    else {
      this.#tellGathered();
      if (this.#together === undefined) this.#tell(piece);
      else this.#untold = { ...piece };
    }
    this.#together ??= setImmediate(() => {
      this.#together = undefined;
      this.#tellGathered();
    });
  }

  #tellGathered(): void {
    if (this.#untold !== undefined) this.#tell(this.#untold);
    this.#untold = undefined;
  }

  #tell(piece: Pending): void {
    const { feed, now, sessionId, streamId } = this.#parts;
    if (!feed.isFollowed(sessionId)) return;
    const timestamp = new Date(now()).toISOString();
    feed.publish(sessionId, { type: 'stream_delta', sessionId, data: { streamId, ...piece }, timestamp });
  }
}

type StreamEventType = 'stream_start' | 'stream_delta' | 'stream_notice' | 'plan' | 'stream_end' | 'error';
type StreamData<T extends StreamEventType> = Omit<EventData<T>, 'seq' | 'streamId'>;
