/** All streams of a remote machine by channel, and those that the node has yet to see closed. */
import type { BinaryFrame } from '@navisai/protocol';
import { Violation } from './hub-connection.ts';
import type { HubConnection } from './hub-connection.ts';
import { creditSlackBytes } from './remote-stream.types.ts';
import type { RemoteStream, StreamFrame } from './remote-stream.types.ts';

/** More channels that a node does not close when it is told to are a fault of the node. */
const maxClosing = 20_000;

export class RemoteStreams {
  readonly #connection: () => HubConnection | undefined;
  readonly #streams = new Map<number, RemoteStream>();
  /** Closed here; so many bytes may still be on their way. */
  readonly #closing = new Map<number, number>();
  #lastChannel = 0;

  constructor(connection: () => HubConnection | undefined) {
    this.#connection = connection;
  }

  nextChannel(): number {
    this.#lastChannel = (this.#lastChannel % 0xffff_ffff) + 1;
    return this.#lastChannel;
  }

  add(stream: RemoteStream): void {
    this.#streams.set(stream.channel, stream);
    const connection = this.#connection();
    if (connection !== undefined) stream.open(connection);
  }

  remove(stream: RemoteStream): void {
    if (!this.#streams.delete(stream.channel)) return;
    const connection = this.#connection();
    if (connection === undefined) return;
    this.#closing.set(stream.channel, stream.windowBytes * 2 + creditSlackBytes);
    connection.send({ type: 'close', channel: stream.channel });
  }

  /** A new connection: every stream continues on it. */
  resume(connection: HubConnection): void {
    this.#closing.clear();
    for (const stream of this.#streams.values()) stream.open(connection);
  }

  onOutput(frame: BinaryFrame): void {
    const stream = this.#streams.get(frame.channel);
    if (stream !== undefined) stream.onOutput(frame);
    else this.#onStray(frame);
  }

  onFrame(frame: StreamFrame, bytes: Uint8Array | undefined): void {
    if (frame.channel > this.#lastChannel) throw new Violation('a channel that was never opened');
    if (frame.type === 'closed') this.#closing.delete(frame.channel);
    this.#streams.get(frame.channel)?.onFrame(frame, bytes);
  }

  #onStray({ channel, bytes }: BinaryFrame): void {
    const left = (this.#closing.get(channel) ?? -1) - bytes.length;
    if (left < 0 || this.#closing.size > maxClosing) throw new Violation('output on a channel that is not open');
    this.#closing.set(channel, left);
  }
}
