/** One subscription of the hub: fed by a host while there is one, from the files of the log otherwise. */
import type { ExitState, OutputSink, OutputSubscription, SubscribeRequest } from '../../pty-hosts.types.ts';
import { HostError } from '../host-error.ts';
import { OutputReader } from '../output-reader.ts';
import type { HostLink } from './host-link.ts';
import { openStoredLog } from '../stored-log.ts';

export interface OutputFlowOptions extends SubscribeRequest {
  channel: number;
  directory: string;
  sink: OutputSink;
  /** Nothing more will be delivered. */
  onClosed(flow: OutputFlow): void;
  onProblem(message: string): void;
}

export class OutputFlow implements OutputSubscription {
  readonly channel: number;
  readonly terminalId: string;
  readonly #options: OutputFlowOptions;
  #nextOffset: number;
  #link: HostLink | null = null;
  #reader: OutputReader | null = null;
  #isClosed = false;

  constructor(options: OutputFlowOptions) {
    this.#options = options;
    this.channel = options.channel;
    this.terminalId = options.terminalId;
    this.#nextOffset = options.from;
  }

  /** Served by this host from here on; again after its connection broke. */
  async serveFrom(link: HostLink): Promise<void> {
    this.#link = link;
    const { windowBytes, paces, onProblem } = this.#options;
    const address = { terminalId: this.terminalId, channel: this.channel, from: this.#nextOffset };
    try {
      await link.request('subscribe', { ...address, windowBytes, paces });
      // Closed before the host knew of it.
      if (this.#isClosed) link.tell('unsubscribe', { channel: this.channel });
    } catch (error) {
      // It is being forgotten, and `giveUp` follows when it is: nobody's fault.
      const isForgotten = error instanceof HostError && error.code === 'TERMINAL_NOT_FOUND';
      // A link that was lost serves all flows when it is back; without a host they are served from disk.
      if (isForgotten || this.#isClosed || !link.isConnected) return;
      onProblem(`A subscription was refused: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** No host has this terminal: what is on disk is all that will come. Said twice, it comes once. */
  serveFromDisk(exit: ExitState): void {
    if (this.#isClosed || this.#reader !== null) return;
    this.#link = null;
    const { directory, windowBytes, sink } = this.#options;
    const options = { from: this.#nextOffset, windowBytes, paces: false };
    this.#reader = new OutputReader(openStoredLog(directory), options, {
      isCongested: false,
      deliver: (offset, bytes) => sink.onOutput({ offset, bytes }),
      skip: (from, to) => sink.onSkipped({ from, to }),
      end: (how) => this.ended(how),
    });
    this.#reader.finish(exit);
  }

  acknowledge(offset: number): void {
    if (this.#isClosed) return;
    this.#reader?.acknowledge(offset);
    this.#link?.tell('acknowledge', { channel: this.channel, offset });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#reader?.close();
    this.#link?.tell('unsubscribe', { channel: this.channel });
    this.#options.onClosed(this);
  }

  /** What a connection delivered before it broke may come again. */
  received(offset: number, bytes: Buffer): void {
    if (this.#isClosed || offset + bytes.length <= this.#nextOffset) return;
    const fresh = offset < this.#nextOffset ? bytes.subarray(this.#nextOffset - offset) : bytes;
    const start = Math.max(offset, this.#nextOffset);
    this.#nextOffset = start + fresh.length;
    this.#options.sink.onOutput({ offset: start, bytes: fresh });
  }

  skipped(from: number, to: number): void {
    if (this.#isClosed || to <= this.#nextOffset) return;
    this.#nextOffset = to;
    this.#options.sink.onSkipped({ from, to });
  }

  giveUp(endOffset: number, exit: ExitState): void {
    this.skipped(this.#nextOffset, endOffset);
    this.#reader?.close();
    this.ended(exit);
  }

  ended(exit: ExitState): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#options.onClosed(this);
    this.#options.sink.onExit(exit);
  }
}
