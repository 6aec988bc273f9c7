/** Output of one `run` while it goes on: both streams by offset across reconnects, then its end. */
import type { LinkState } from '@navisai/link';
import { NavisError } from '@navisai/protocol';
import type { BinaryFrame, EventData, HubEvent, SubscriptionRequest } from '@navisai/protocol';
import type { Follower, Wire } from './follower.types.ts';
import type { CallAddress, CallHandlers, CallStream } from './live.types.ts';
import { OrderedConsumer } from './ordered-consumer.ts';

type StreamName = 'stdout' | 'stderr';
type Item =
  | { kind: 'output'; stream: StreamName; offset: number; bytes: Uint8Array }
  | { kind: 'end'; end: Omit<EventData<'call.end'>, 'callId'> };

/** More unconsumed bytes than this pause the subscription; it continues from its offsets. */
const maxWaitingBytes = 4 * 1024 * 1024;

export class CallFollower implements Follower, CallStream {
  readonly #call: CallAddress;
  readonly #handlers: CallHandlers;
  readonly #wire: Wire;
  readonly #feed: OrderedConsumer<Item>;
  readonly #offsets = { stdout: 0, stderr: 0 };
  #waitingBytes = 0;
  #isPaused = false;

  constructor(given: { call: CallAddress; handlers: CallHandlers; wire: Wire }) {
    this.#call = given.call;
    this.#handlers = given.handlers;
    this.#wire = given.wire;
    this.#feed = new OrderedConsumer<Item>({
      consume: (item) => this.#consume(item),
      onConsumed: (item) => this.#onConsumed(item),
      onFailure: (cause) => this.#fail(new NavisError('INTERNAL', 'What follows this call failed.', { cause })),
    });
  }

  close(): void {
    this.#wire.leave();
    this.#feed.clear();
  }

  refresh(): void {
    if (!this.#isPaused) this.#wire.resubscribe();
  }

  request(): SubscriptionRequest {
    return { kind: 'call', ...this.#call, ...this.#offsets };
  }

  onBytes(frame: BinaryFrame): void {
    const stream: StreamName = frame.kind === 'stderr' ? 'stderr' : 'stdout';
    const expected = this.#offsets[stream];
    if (frame.offset > expected) {
      this.#wire.resubscribe();
      return;
    }
    const bytes = frame.bytes.subarray(expected - frame.offset);
    if (bytes.length === 0) return;
    this.#offsets[stream] = expected + bytes.length;
    this.#waitingBytes += bytes.length;
    this.#feed.push({ kind: 'output', stream, offset: expected, bytes });
    if (this.#waitingBytes > maxWaitingBytes && !this.#isPaused) {
      this.#isPaused = true;
      this.#wire.pause();
    }
  }

  onEvent(event: HubEvent): void {
    if (event.type !== 'call.end') return;
    const { exitCode, signal } = event.data;
    if (exitCode !== null || signal !== null) this.#wire.leave();
    this.#feed.push({ kind: 'end', end: { exitCode, signal } });
  }

  onEnded(error: NavisError): void {
    this.#handlers.onError?.(error);
  }

  onSubscribed(): void {}
  onLive(): void {}
  onLink(_state: LinkState): void {}
  onRefused(): void {}

  #fail(error: NavisError): void {
    this.#wire.leave();
    this.#handlers.onError?.(error);
  }

  #consume(item: Item): void | Promise<void> {
    if (item.kind === 'end') return this.#handlers.onEnd?.(item.end);
    return this.#handlers.onOutput({ stream: item.stream, offset: item.offset, bytes: item.bytes });
  }

  #onConsumed(item: Item): void {
    if (item.kind === 'end') return;
    this.#waitingBytes -= item.bytes.length;
    if (!this.#isPaused || this.#waitingBytes > maxWaitingBytes / 2) return;
    this.#isPaused = false;
    this.#wire.resubscribe();
  }
}
