/** A watcher of a call on a node: continues each stream by its offset on every connection. */
import type { BinaryFrame } from '@navisai/protocol';
import type { CallOutputSink, Machine } from '@navisai/machine';
import { Violation } from './hub-connection.ts';
import type { HubConnection } from './hub-connection.ts';
import { isCallRef } from './pending-calls.ts';
import { creditSlackBytes } from './remote-stream.types.ts';
import type { RemoteStream, StreamFrame } from './remote-stream.types.ts';

type WatchRequest = Parameters<Machine['watchCall']>[0];
type Chunk = Parameters<CallOutputSink['onOutput']>[0];
type End = Parameters<CallOutputSink['onEnd']>[0];

/** The node is told after so many bytes that there is room; it holds back at 512 KiB. */
const acknowledgeStepBytes = 128 * 1024;

export interface WatchParts {
  channel: number;
  request: WatchRequest;
  sink: CallOutputSink;
  connection(): HubConnection | undefined;
  onOver(stream: RemoteStream): void;
  onUnexpected(error: unknown): void;
}

export class RemoteWatch implements RemoteStream {
  readonly channel: number;
  readonly windowBytes = 1024 * 1024;
  readonly #parts: WatchParts;
  readonly #next: Record<'stdout' | 'stderr', number>;
  /** Held back by the sink; bounded by what the node sends without acknowledgement. */
  #waiting: (Chunk | End)[] = [];
  #isDelivering = false;
  #arrived = 0;
  #taken = 0;
  #acknowledged = 0;
  #isDeferred = false;
  #isOver = false;

  constructor(parts: WatchParts) {
    this.#parts = parts;
    this.channel = parts.channel;
    this.#next = { stdout: parts.request.stdout, stderr: parts.request.stderr };
  }

  open(connection: HubConnection): void {
    const { sessionId, callId } = this.#parts.request;
    if (!isCallRef({ sessionId, callId })) return;
    this.#isDeferred = this.#waiting.length > 0;
    if (this.#isDeferred) return;
    this.#arrived = 0;
    this.#taken = 0;
    this.#acknowledged = 0;
    connection.send({ type: 'watch', channel: this.channel, sessionId, callId, ...this.#next });
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#waiting = [];
    this.#parts.onOver(this);
  }

  onOutput({ kind, offset, bytes }: BinaryFrame): void {
    if (kind === 'input') throw new Violation('output of no known kind');
    const stream = kind === 'output' ? 'stdout' : 'stderr';
    this.#arrived += bytes.length;
    if (this.#arrived - this.#taken > this.windowBytes + creditSlackBytes)
      throw new Violation('more output than was asked for');
    const end = offset + bytes.length;
    const next = this.#next[stream];
    if (end <= next) {
      this.#take(bytes.length);
      return;
    }
    this.#next[stream] = end;
    const fresh = offset < next ? bytes.subarray(next - offset) : bytes;
    if (fresh.length < bytes.length) this.#take(bytes.length - fresh.length);
    this.#deliver({ stream, offset: Math.max(offset, next), bytes: fresh });
  }

  onFrame(frame: StreamFrame): void {
    if (frame.type === 'end') this.#deliver({ exitCode: frame.exitCode, signal: frame.signal });
    else if (frame.type === 'closed') this.#deliver({ exitCode: null, signal: null });
    else throw new Violation(`${frame.type} on the channel of a call`);
  }

  #deliver(item: Chunk | End): void {
    this.#waiting.push(item);
    if (!this.#isDelivering)
      this.#drain().catch((error: unknown) => {
        this.close();
        this.#parts.onUnexpected(error);
      });
  }

  /** Synchronous while the sink does not hold back. */
  async #drain(): Promise<void> {
    this.#isDelivering = true;
    for (let item = this.#waiting[0]; item !== undefined && !this.#isOver; item = this.#waiting[0]) {
      if (!('bytes' in item)) {
        this.close();
        this.#parts.sink.onEnd(item);
        break;
      }
      const held = this.#parts.sink.onOutput(item);
      if (held !== undefined) await held;
      this.#waiting.shift();
      this.#take(item.bytes.length);
    }
    this.#isDelivering = false;
    const connection = this.#parts.connection();
    if (this.#isDeferred && !this.#isOver && connection !== undefined) this.open(connection);
  }

  #take(bytes: number): void {
    this.#taken += bytes;
    if (this.#isOver || this.#isDeferred || this.#taken - this.#acknowledged < acknowledgeStepBytes) return;
    this.#acknowledged = this.#taken;
    this.#parts.connection()?.send({ type: 'acknowledge', channel: this.channel, offset: this.#taken });
  }
}
