/** One reader's way through a log: live from memory, older bytes from disk, never more under way than it allows. */
import type { ExitState } from '../pty-hosts.types.ts';
import type { ByteLog } from './byte-log.ts';

export interface ReaderOptions {
  from: number;
  /** Bytes that may be delivered beyond the last acknowledged one. */
  windowBytes: number;
  paces: boolean;
}

/** Where the bytes go, normally a connection to the hub. */
export interface ReaderSink {
  readonly isCongested: boolean;
  deliver(offset: number, bytes: Uint8Array): void;
  skip(from: number, to: number): void;
  end(exit: ExitState): void;
}

type Source = Pick<ByteLog, 'endOffset' | 'firstOffset' | 'readMemory' | 'read'>;

const pieceBytes = 64 * 1024;
const diskPieceBytes = 256 * 1024;
/** Who begins this near the end, as with a screen taken in a flood, is waited for: else a slow viewer never catches up. */
const nearBytes = 8 * 1024 * 1024;
/** The disk may refuse to read; asked again at the next sign of life, not in a loop. */
const stallMs = 1000;

export class OutputReader {
  readonly #source: Source;
  readonly #sink: ReaderSink;
  readonly #options: ReaderOptions;
  #sentOffset: number;
  #acknowledgedOffset: number;
  #acknowledgedAt = performance.now();
  /** Skipped ranges that lie beyond the acknowledged offset; they use no credit. */
  #gaps: { from: number; to: number }[] = [];
  #isReading = false;
  /** It began, or has once been, close to the end; before, it reads history and paces nobody. */
  #wasLive: boolean;
  #isStalled = false;
  #exit: ExitState | null = null;
  #isClosed = false;

  constructor(source: Source, options: ReaderOptions, sink: ReaderSink) {
    this.#source = source;
    this.#options = options;
    this.#sink = sink;
    this.#sentOffset = Math.min(options.from, source.endOffset);
    this.#acknowledgedOffset = this.#sentOffset;
    this.#wasLive = source.endOffset - this.#sentOffset <= nearBytes;
  }

  /** It counts for pacing and has room: the program may go on. */
  get hasRoom(): boolean {
    return this.#source.endOffset - this.#acknowledgedOffset < this.#options.windowBytes;
  }

  get isPacing(): boolean {
    return this.#options.paces && this.#wasLive && !this.#isStalled && !this.#isClosed;
  }

  /** Sends what may be sent now. */
  pump(): void {
    while (!this.#isReading && !this.#isClosed && this.#sentOffset < this.#source.endOffset) {
      const credit = this.#options.windowBytes - this.#underWayBytes;
      if (credit <= 0 || this.#sink.isCongested) return;
      const bytes = this.#source.readMemory(this.#sentOffset, Math.min(credit, pieceBytes));
      if (bytes === null) return void this.#readOlder(Math.min(credit, diskPieceBytes));
      this.#deliver(this.#sentOffset, bytes);
    }
    this.#wasLive ||= this.hasRoom;
    this.#endIfDone();
  }

  acknowledge(offset: number): void {
    if (offset <= this.#acknowledgedOffset || offset > this.#sentOffset) return;
    // Nobody can acknowledge bytes of a gap: what ends at its beginning reaches to its end.
    this.#acknowledgedOffset = Math.max(offset, this.#gaps.findLast(({ from }) => from <= offset)?.to ?? 0);
    this.#gaps = this.#gaps.filter(({ to }) => to > this.#acknowledgedOffset);
    this.#acknowledgedAt = performance.now();
    this.#isStalled = false;
    this.pump();
  }

  /** A reader that acknowledges nothing for a second no longer paces the program, until it does again. */
  stallIfSilent(since: number): void {
    if (performance.now() - Math.max(since, this.#acknowledgedAt) >= stallMs) this.#isStalled = true;
  }

  /** No byte will follow those in the log. */
  finish(exit: ExitState): void {
    this.#exit = exit;
    this.pump();
  }

  close(): void {
    this.#isClosed = true;
  }

  get #underWayBytes(): number {
    const skipped = this.#gaps.reduce((sum, { from, to }) => sum + to - from, 0);
    return this.#sentOffset - this.#acknowledgedOffset - skipped;
  }

  async #readOlder(maxBytes: number): Promise<void> {
    this.#isReading = true;
    const slice = await this.#source.read(this.#sentOffset, maxBytes).catch(() => null);
    this.#isReading = false;
    if (this.#isClosed || slice === null) return;
    if (slice.offset > this.#sentOffset) this.#skip(slice.offset);
    this.#deliver(slice.offset, slice.bytes);
    this.pump();
  }

  #deliver(offset: number, bytes: Uint8Array): void {
    this.#sentOffset = offset + bytes.length;
    this.#sink.deliver(offset, bytes);
  }

  #skip(to: number): void {
    const from = this.#sentOffset;
    if (this.#acknowledgedOffset === from) this.#acknowledgedOffset = to;
    else this.#gaps.push({ from, to });
    this.#sentOffset = to;
    this.#sink.skip(from, to);
  }

  #endIfDone(): void {
    if (this.#exit === null || this.#isClosed || this.#isReading || this.#sentOffset < this.#source.endOffset) return;
    this.#isClosed = true;
    this.#sink.end(this.#exit);
  }
}
