/** One terminal's output on its way to the hub; its credit is the viewer's own. */
import { encodeFrameWithBytes, maxPathLength, maxScreenBytes } from '@navisai/protocol';
import type { HubFrameOf } from '@navisai/protocol';
import type { ExitState, Machine, OutputChunk, OutputSubscription, ScreenSnapshot, ViewerSink } from '@navisai/machine';
import { cut } from './bounded-text.ts';
import type { Outbox } from './outbox.ts';
import { ServedStream } from './served-stream.ts';

/** A screen goes in pieces, so that others get their turn between. */
const screenPartBytes = 128 * 1024;

export interface TerminalStreamParts {
  machine: Machine;
  outbox: Outbox;
  request: HubFrameOf<'attach'>;
  onOver(): void;
}

export class TerminalStream implements ViewerSink {
  readonly #parts: TerminalStreamParts;
  readonly #stream: ServedStream;
  #source: OutputSubscription | undefined;
  /** Everything before this was given to the stream. */
  #next: number | undefined;

  constructor(parts: TerminalStreamParts) {
    this.#parts = parts;
    this.#stream = new ServedStream(parts.request.channel, parts.outbox);
  }

  /** Throws TERMINAL_NOT_FOUND. */
  open(): void {
    this.#attach(this.#parts.request);
  }

  acknowledge(offset: number): void {
    this.#source?.acknowledge(offset);
  }

  close(): void {
    this.#stream.close();
    this.#source?.close();
    this.#source = undefined;
  }

  onOutput(chunk: OutputChunk): void {
    this.#next = chunk.offset + chunk.bytes.length;
    this.#stream.output({ kind: 'output', ...chunk });
  }

  onSkipped({ from, to }: { from: number; to: number }): void {
    this.#next = to;
    this.#stream.tell({ type: 'skipped', channel: this.#stream.channel, from, to });
  }

  onSnapshot(snapshot: ScreenSnapshot & { firstOffset: number }): void {
    const { data, title, cwd, ...facts } = snapshot;
    const bytes = new TextEncoder().encode(data);
    if (bytes.length > maxScreenBytes) return this.#refuse();
    this.#next = snapshot.offset;
    const { channel } = this.#stream;
    let part = 0;
    let at = 0;
    for (; bytes.length - at > screenPartBytes; part += 1) {
      const piece = bytes.subarray(at, at + screenPartBytes);
      this.#stream.tellEncoded(encodeFrameWithBytes({ type: 'screen_part', channel, part }, piece));
      at += screenPartBytes;
    }
    const shown = { title: cut(title, 1000), cwd: cwd === null || cwd.length > maxPathLength ? null : cwd };
    const screen = { type: 'screen', channel, parts: part, ...facts, ...shown } as const;
    this.#stream.tellEncoded(encodeFrameWithBytes(screen, bytes.subarray(at)));
  }

  onExit(exit: ExitState): void {
    this.#stream.tell({ type: 'exit', channel: this.#stream.channel, exit, offset: this.#next });
  }

  onOverflow(): void {
    this.#stream.tell({ type: 'overflow', channel: this.#stream.channel });
  }

  #attach(request: HubFrameOf<'attach'>): void {
    const { terminalId, from, snapshot, scrollback, windowBytes } = request;
    const source = this.#parts.machine.attach({ terminalId, from, snapshot, scrollback, windowBytes }, this);
    if (this.#stream.isClosed) source.close();
    else this.#source = source;
  }

  /** Too large a screen: once more without what is above it, else without a screen. */
  #refuse(): void {
    this.#source?.close();
    const { request, onOver } = this.#parts;
    const isFirst = request.scrollback > 0;
    this.#parts.request = { ...request, scrollback: 0, snapshot: isFirst, from: this.#next ?? request.from };
    try {
      this.#attach(this.#parts.request);
    } catch {
      this.onOverflow();
      onOver();
    }
  }
}
