/** The streams of one connection by their channels. */
import type { HubFrameOf, NodeFrame } from '@navisai/protocol';
import type { Machine } from '@navisai/machine';
import { CallStream } from './call-stream.ts';
import type { Outbox } from './outbox.ts';
import { RecentIds } from '../recent-ids.ts';
import { TerminalStream } from './terminal-stream.ts';

/** STREAM_LIMIT: more are told that nothing comes. */
const maxStreams = 10_000;

interface Stream {
  acknowledge(offset: number): void;
  close(): void;
}

export class ServedStreams {
  readonly #machine: Machine;
  readonly #outbox: Outbox;
  readonly #streams = new Map<number, Stream>();
  /** A channel is opened once. */
  readonly #opened = new RecentIds();

  constructor(machine: Machine, outbox: Outbox) {
    this.#machine = machine;
    this.#outbox = outbox;
  }

  attach(request: HubFrameOf<'attach'>): void {
    const { channel } = request;
    if (!this.#mayOpen(channel)) return;
    const onOver = (): void => void this.#streams.delete(channel);
    const stream = new TerminalStream({ machine: this.#machine, outbox: this.#outbox, request, onOver });
    this.#streams.set(channel, stream);
    try {
      stream.open();
    } catch {
      this.close(channel);
    }
  }

  watch(request: HubFrameOf<'watch'>): void {
    if (!this.#mayOpen(request.channel)) return;
    this.#streams.set(request.channel, new CallStream(this.#machine, this.#outbox, request));
  }

  acknowledge(channel: number, offset: number): void {
    this.#streams.get(channel)?.acknowledge(offset);
  }

  /** Nothing of this channel follows `closed`. */
  close(channel: number): void {
    this.#streams.get(channel)?.close();
    this.#streams.delete(channel);
    const frame: NodeFrame = { type: 'closed', channel };
    this.#outbox.send(JSON.stringify(frame));
  }

  closeAll(): void {
    for (const stream of this.#streams.values()) stream.close();
    this.#streams.clear();
  }

  #mayOpen(channel: number): boolean {
    if (!this.#opened.add(channel)) return false;
    if (this.#streams.size < maxStreams) return true;
    this.close(channel);
    return false;
  }
}
