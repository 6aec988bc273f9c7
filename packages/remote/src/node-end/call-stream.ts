/** Live output of one call on its way to the hub, held back while the hub has not taken what was sent. */
import type { HubFrameOf } from '@navisai/protocol';
import type { CallOutputSink, Machine } from '@navisai/machine';
import type { Outbox } from './outbox.ts';
import { ServedStream } from './served-stream.ts';

const windowBytes = 512 * 1024;

export class CallStream implements CallOutputSink {
  readonly #stream: ServedStream;
  readonly #watch: { close(): void };
  #given = 0;
  #acknowledged = 0;
  #onRoom: (() => void) | undefined;

  constructor(machine: Machine, outbox: Outbox, request: HubFrameOf<'watch'>) {
    const { sessionId, callId, stdout, stderr, channel } = request;
    this.#stream = new ServedStream(channel, outbox);
    this.#watch = machine.watchCall({ sessionId, callId, stdout, stderr }, this);
  }

  /** The hub has so many bytes of this channel. */
  acknowledge(total: number): void {
    this.#acknowledged = Math.max(this.#acknowledged, Math.min(total, this.#given));
    if (this.#hasRoom) this.#release();
  }

  close(): void {
    this.#stream.close();
    this.#watch.close();
    this.#release();
  }

  onOutput({ stream, offset, bytes }: Parameters<CallOutputSink['onOutput']>[0]): void | Promise<void> {
    this.#given += bytes.length;
    this.#stream.output({ kind: stream === 'stdout' ? 'output' : 'stderr', offset, bytes });
    if (this.#hasRoom || this.#stream.isClosed) return undefined;
    return new Promise((resolve) => {
      this.#onRoom = resolve;
    });
  }

  onEnd({ exitCode, signal }: { exitCode: number | null; signal: string | null }): void {
    this.#stream.tell({ type: 'end', channel: this.#stream.channel, exitCode, signal });
  }

  get #hasRoom(): boolean {
    return this.#given - this.#acknowledged < windowBytes;
  }

  #release(): void {
    this.#onRoom?.();
    this.#onRoom = undefined;
  }
}
