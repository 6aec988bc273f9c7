/**
 * A viewer of a terminal on a node: continues by offset on every connection, so that nothing is lost or doubled. The
 * viewer's own credit goes through to the machine that reads the PTY.
 */
import { maxScreenBytes } from '@navisai/protocol';
import type { BinaryFrame, NodeFrameOf } from '@navisai/protocol';
import type { AttachRequest, OutputSubscription, ViewerSink } from '@navisai/machine';
import { Violation } from './hub-connection.ts';
import type { HubConnection } from './hub-connection.ts';
import { creditSlackBytes } from './remote-stream.types.ts';
import type { RemoteStream, StreamFrame } from './remote-stream.types.ts';

/** What the frames allow. */
const maxWindowBytes = 16 * 1024 * 1024;
const maxScrollback = 10_000;
/** Acknowledgements are told when so large a part of the window is meant, else a little later, together. */
const toldPart = 1 / 4;
const tellLaterMs = 50;
/** SCREEN_FLOOD: screens and skips that a viewer may get before it acknowledges anything. */
const maxJumps = 16;

export interface ViewerParts {
  channel: number;
  request: AttachRequest;
  sink: ViewerSink;
  connection(): HubConnection | undefined;
  /** Bytes up to here are known to exist. */
  onReached(offset: number): void;
  onOver(stream: RemoteStream): void;
}

export class RemoteViewer implements RemoteStream, OutputSubscription {
  readonly channel: number;
  readonly windowBytes: number;
  readonly #parts: ViewerParts;
  /** The viewer was given everything before this. */
  #next: number | undefined;
  #acknowledged = 0;
  /** Of it, what the node knows. */
  #told = 0;
  #tellLater: NodeJS.Timeout | undefined;
  /** Where this opening began, or jumped to: credit is counted from here. */
  #base = 0;
  #jumps = 0;
  /** Nothing has come since it was opened on this connection. */
  #isFresh = true;
  /** The viewer has not taken what it has: opening again would give it more than its window. */
  #isDeferred = false;
  #screen: Uint8Array[] = [];
  /** Offset of the last screen on this connection. */
  #screenAt: number | undefined;
  #isOver = false;

  constructor(parts: ViewerParts) {
    this.#parts = parts;
    this.channel = parts.channel;
    this.windowBytes = Math.min(parts.request.windowBytes, maxWindowBytes);
  }

  open(connection: HubConnection): void {
    this.#isFresh = true;
    this.#screen = [];
    this.#screenAt = undefined;
    this.#isDeferred = this.#next !== undefined && this.#next - this.#credited >= this.windowBytes;
    if (this.#isDeferred) return;
    this.#base = this.#next ?? 0;
    const { terminalId, snapshot, from } = this.#parts.request;
    const scrollback = Math.min(this.#parts.request.scrollback, maxScrollback);
    const at = { from: this.#next ?? from, snapshot, scrollback, windowBytes: this.windowBytes };
    connection.send({ type: 'attach', channel: this.channel, terminalId, ...at });
  }

  acknowledge(offset: number): void {
    if (this.#isOver || offset <= this.#acknowledged) return;
    this.#acknowledged = Math.min(offset, this.#next ?? 0);
    this.#jumps = 0;
    if (this.#isDeferred || this.#acknowledged - this.#told >= this.windowBytes * toldPart) this.#tell();
    else this.#tellLater ??= setTimeout(() => this.#tell(), tellLaterMs);
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#tellLater);
    this.#parts.onOver(this);
  }

  onOutput({ kind, offset, bytes }: BinaryFrame): void {
    if (kind !== 'output') throw new Violation('output of no known kind');
    const end = offset + bytes.length;
    const next = this.#next ?? this.#begin(offset);
    if (offset > next) throw new Violation(`output at ${offset} where ${next} comes next`);
    if (end > Math.max(this.#credited, this.#base) + this.windowBytes + creditSlackBytes)
      throw new Violation('more output than was asked for');
    this.#isFresh = false;
    if (end <= next) return;
    this.#next = end;
    this.#parts.onReached(end);
    this.#parts.sink.onOutput({ offset: next, bytes: offset < next ? bytes.subarray(next - offset) : bytes });
  }

  onFrame(frame: StreamFrame, bytes: Uint8Array | undefined): void {
    switch (frame.type) {
      case 'screen_part':
        this.#onPart(frame.part, bytes ?? new Uint8Array());
        return;
      case 'screen':
        this.#onScreen(frame, bytes ?? new Uint8Array());
        return;
      case 'skipped':
        this.#onSkipped(frame);
        return;
      case 'exit':
        if (frame.offset !== undefined && frame.offset > (this.#next ?? 0))
          throw new Violation('output is missing before the end');
        this.close();
        this.#parts.sink.onExit(frame.exit);
        return;
      case 'overflow':
      case 'closed':
        this.close();
        this.#parts.sink.onOverflow();
        return;
      case 'end':
        throw new Violation('the end of a call on the channel of a terminal');
    }
  }

  #tell(): void {
    clearTimeout(this.#tellLater);
    this.#tellLater = undefined;
    const connection = this.#parts.connection();
    if (connection === undefined) return;
    if (this.#isDeferred) {
      this.open(connection);
      return;
    }
    this.#told = this.#acknowledged;
    connection.send({ type: 'acknowledge', channel: this.channel, offset: this.#acknowledged });
  }

  /** What the viewer has taken, or what it was let off. */
  get #credited(): number {
    return Math.max(this.#acknowledged, Math.min(this.#base, this.#next ?? 0));
  }

  /** The first that comes: where it was asked for, earlier when there is less than that, or at the oldest retained byte. */
  #begin(offset: number): number {
    const { from } = this.#parts.request;
    if (from !== undefined && offset > from) throw new Violation(`begins at ${offset} where ${from} was asked for`);
    this.#next = offset;
    this.#base = offset;
    return offset;
  }

  #onPart(part: number, bytes: Uint8Array): void {
    if (part < this.#screen.length) return;
    if (part > this.#screen.length) throw new Violation('a part of a screen is missing');
    this.#screen.push(bytes.slice());
    if (this.#screen.reduce((sum, { length }) => sum + length, 0) > maxScreenBytes)
      throw new Violation('a screen is too large');
  }

  #onScreen(frame: NodeFrameOf<'screen'>, bytes: Uint8Array): void {
    const parts = this.#screen;
    // One that came twice: the first has begun what followed.
    const next = this.#next ?? 0;
    if (!this.#isFresh && (frame.offset < next || frame.offset === this.#screenAt)) return;
    if (frame.parts !== parts.length) throw new Violation('a part of a screen is missing');
    this.#screen = [];
    this.#jump(frame.offset);
    this.#screenAt = frame.offset;
    const { offset, columns, rows, title, cwd, alternateScreen, catchingUp, firstOffset } = frame;
    const data = new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.concat([...parts, bytes]));
    const facts = { offset, columns, rows, title, cwd, alternateScreen, catchingUp, firstOffset };
    this.#parts.sink.onSnapshot({ ...facts, data });
  }

  #onSkipped({ from, to }: NodeFrameOf<'skipped'>): void {
    const next = this.#next ?? this.#begin(from);
    if (to <= next) return;
    if (from > next) throw new Violation(`skipped from ${from} where ${next} comes next`);
    // A screen of before its bytes would be in the way of the next.
    this.#screen = [];
    this.#jump(to);
    this.#parts.sink.onSkipped({ from: next, to });
  }

  #jump(to: number): void {
    this.#jumps += 1;
    if (this.#jumps > maxJumps) throw new Violation('SCREEN_FLOOD: too many screens');
    this.#isFresh = false;
    this.#next = to;
    this.#base = to;
    this.#parts.onReached(to);
  }
}
