/**
 * The numbered byte log of one terminal: appended in memory, on its way to disk at once, read by offset.
 *
 * Bytes are copied into blocks that never change afterwards; readers get views of them, or of the files for what is
 * older. When the disk cannot take them, the newest bytes stay in memory and older ones leave a gap.
 */
import { mkdir, open, rm, type FileHandle } from 'node:fs/promises';
import { readSegments, segmentPath, type LogSegment, type LogSlice } from './log-segments.ts';

export interface ByteLogOptions {
  directory: string;
  /** At least this much of the newest bytes is kept on disk, at most one segment more. */
  retainBytes: number;
  /** The disk refuses bytes; called once until it takes them again. */
  onDegraded?(reason: string): void;
  /** True while more waits for the disk than memory should hold: stop appending where that is possible. */
  onPressure?(isPressed: boolean): void;
}

interface Block {
  offset: number;
  bytes: Buffer;
  length: number;
}

const blockBytes = { min: 1024, max: 64 * 1024 } as const;
/** Written bytes kept in memory for readers that are nearly live. */
const warmTailBytes = 256 * 1024;
/** Unwritten bytes: at this pressure is raised, at half of it released. */
const pressureBytes = 4 * 1024 * 1024;
/** With a disk that refuses: the newest bytes kept in memory. */
const ringBytes = 4 * 1024 * 1024;
const maxWriteBytes = 1024 * 1024;
/** Less than this is written a moment later: an echo is on its way to the viewer first, and a burst is one write. */
const promptBytes = 32 * 1024;
const lingerMs = 2;
const retryMs = 500;
const segmentsPerLog = 16;
const maxSegmentBytes = 4 * 1024 * 1024;

export class ByteLog {
  readonly #options: ByteLogOptions;
  readonly #segmentBytes: number;
  #segments: LogSegment[] = [];
  #blocks: Block[] = [];
  #nextBlockBytes: number = blockBytes.min;
  #endOffset = 0;
  /** Everything before it is on disk or given up. */
  #writtenOffset = 0;
  #file: FileHandle | null = null;
  #writing: Promise<void> | null = null;
  #linger: NodeJS.Timeout | null = null;
  #isDegraded = false;
  #isPressed = false;
  #isClosed = false;
  #retry: { timer: NodeJS.Timeout; now(): void } | null = null;

  constructor(options: ByteLogOptions) {
    this.#options = options;
    this.#segmentBytes = Math.min(maxSegmentBytes, Math.max(1024, Math.floor(options.retainBytes / segmentsPerLog)));
  }

  get endOffset(): number {
    return this.#endOffset;
  }

  /** The oldest offset that can still be read. */
  get firstOffset(): number {
    return this.#segments.find(({ start, end }) => end > start)?.start ?? this.#tailStart;
  }

  get #tailStart(): number {
    return this.#blocks[0]?.offset ?? this.#endOffset;
  }

  append(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    for (let at = 0; at < bytes.length;) at += this.#appendToBlock(bytes.subarray(at));
    if (this.#isDegraded) this.#trim(ringBytes);
    else this.#press();
    if (this.#endOffset - this.#writtenOffset >= promptBytes) this.#writeNow();
    else if (this.#writing === null) this.#linger ??= setTimeout(() => this.#writeNow(), lingerMs);
  }

  /** A view of bytes in memory from `from`, or `null` when they must be read from disk (or there are none). */
  readMemory(from: number, maxBytes: number): Buffer | null {
    if (from < this.#tailStart || from >= this.#endOffset) return null;
    const block = this.#blocks.findLast(({ offset }) => offset <= from);
    return block?.bytes.subarray(from - block.offset, Math.min(block.length, from - block.offset + maxBytes)) ?? null;
  }

  /** At most `maxBytes` of contiguous bytes from the first kept one at or after `from`; `null` at the end. */
  async read(from: number, maxBytes: number): Promise<LogSlice | null> {
    const at = Math.max(from, this.firstOffset);
    const inMemory = this.readMemory(at, maxBytes);
    if (inMemory !== null) return { offset: at, bytes: inMemory };
    if (at >= this.#endOffset) return null;
    const { directory } = this.#options;
    const slice = await readSegments({ directory, segments: this.#segments.slice() }, { from: at, maxBytes });
    if (slice !== null && slice.offset < this.#tailStart) return slice;
    // What lay between was dropped meanwhile: memory has the next bytes.
    const start = Math.max(at, this.#tailStart);
    const bytes = this.readMemory(start, maxBytes);
    return bytes === null ? null : { offset: start, bytes };
  }

  /** Frees what memory holds only for speed; for terminals that rest. */
  async rest(): Promise<void> {
    if (this.#writing !== null || this.#linger !== null || this.#isDegraded) return;
    this.#trim(0);
    this.#nextBlockBytes = blockBytes.min;
    const file = this.#file;
    this.#file = null;
    await file?.close();
  }

  /** Resolves when what was appended is on disk, or the disk refused it. */
  async flush(): Promise<void> {
    this.#retry?.now();
    if (this.#linger !== null) this.#writeNow();
    if (!this.#isDegraded) await this.#writing;
  }

  async close(): Promise<void> {
    await this.flush();
    this.#isClosed = true;
    this.#retry?.now();
    await this.#writing;
    await this.rest();
  }

  #writeNow(): void {
    if (this.#linger !== null) clearTimeout(this.#linger);
    this.#linger = null;
    this.#writing ??= this.#write();
  }

  #appendToBlock(bytes: Uint8Array): number {
    let block = this.#blocks.at(-1);
    if (block === undefined || block.length === block.bytes.length) {
      block = { offset: this.#endOffset, bytes: Buffer.allocUnsafeSlow(this.#nextBlockBytes), length: 0 };
      this.#nextBlockBytes = Math.min(this.#nextBlockBytes * 2, blockBytes.max);
      this.#blocks.push(block);
    }
    const count = Math.min(bytes.length, block.bytes.length - block.length);
    block.bytes.set(bytes.subarray(0, count), block.length);
    block.length += count;
    this.#endOffset += count;
    return count;
  }

  /** Forgets the oldest blocks beyond `keepBytes`; unwritten ones only while the disk refuses. */
  #trim(keepBytes: number): void {
    let drop = 0;
    for (const block of this.#blocks) {
      const blockEnd = block.offset + block.length;
      const isNeeded = blockEnd > this.#writtenOffset && !this.#isDegraded;
      if (isNeeded || this.#endOffset - blockEnd < keepBytes) break;
      drop += 1;
    }
    if (drop === 0) return;
    this.#blocks.splice(0, drop);
    this.#writtenOffset = Math.max(this.#writtenOffset, this.#tailStart);
  }

  #press(): void {
    const waiting = this.#endOffset - this.#writtenOffset;
    const isPressed = !this.#isDegraded && waiting > (this.#isPressed ? pressureBytes / 2 : pressureBytes);
    if (isPressed === this.#isPressed) return;
    this.#isPressed = isPressed;
    this.#options.onPressure?.(isPressed);
  }

  async #write(): Promise<void> {
    while (this.#writtenOffset < this.#endOffset) {
      try {
        await this.#writeOnce();
      } catch (error) {
        if (this.#isClosed) break;
        await this.#refused(error);
      }
      this.#trim(this.#isDegraded ? ringBytes : warmTailBytes);
      this.#press();
    }
    this.#writing = null;
  }

  async #writeOnce(): Promise<void> {
    const segment = await this.#currentSegment();
    const room = Math.min(maxWriteBytes, segment.start + this.#segmentBytes - segment.end);
    const pieces = this.#unwritten(room);
    // Given up meanwhile, so the segment does not continue here: the next round begins another one.
    if (segment.end !== this.#writtenOffset || this.#file === null) return;
    const { bytesWritten } = await this.#file.writev(pieces, segment.end - segment.start);
    segment.end += bytesWritten;
    this.#writtenOffset = Math.max(this.#writtenOffset, segment.end);
    this.#isDegraded = false;
  }

  #unwritten(maxBytes: number): Buffer[] {
    const pieces: Buffer[] = [];
    let left = maxBytes;
    for (const { offset, bytes, length } of this.#blocks) {
      const skip = Math.max(0, this.#writtenOffset - offset);
      if (skip >= length || left <= 0) continue;
      const piece = bytes.subarray(skip, Math.min(length, skip + left));
      left -= piece.length;
      pieces.push(piece);
    }
    return pieces;
  }

  async #currentSegment(): Promise<LogSegment> {
    const last = this.#segments.at(-1);
    const continues =
      last !== undefined && last.end === this.#writtenOffset && last.end - last.start < this.#segmentBytes;
    if (continues && this.#file !== null) return last;
    await this.#file?.close();
    this.#file = null;
    await mkdir(this.#options.directory, { recursive: true, mode: 0o700 });
    const segment = continues ? last : { start: this.#writtenOffset, end: this.#writtenOffset };
    // `r+` continues a segment after a rest; a new one takes the place of an empty leftover.
    this.#file = await open(segmentPath(this.#options.directory, segment.start), continues ? 'r+' : 'w', 0o600);
    if (!continues) await this.#begin(segment);
    return segment;
  }

  async #begin(segment: LogSegment): Promise<void> {
    this.#segments = this.#segments.filter(({ start }) => start !== segment.start);
    this.#segments.push(segment);
    const keepFrom = segment.start - this.#options.retainBytes;
    const dropped = this.#segments.filter(({ end }) => end <= keepFrom);
    this.#segments = this.#segments.filter(({ end }) => end > keepFrom);
    for (const { start } of dropped) await rm(segmentPath(this.#options.directory, start), { force: true });
  }

  async #refused(error: unknown): Promise<void> {
    if (!this.#isDegraded) {
      this.#isDegraded = true;
      this.#press();
      this.#options.onDegraded?.(error instanceof Error ? error.message : String(error));
    }
    await this.#file?.close().catch(() => undefined);
    this.#file = null;
    await new Promise<void>((resolve) => (this.#retry = { timer: setTimeout(resolve, retryMs), now: resolve }));
    clearTimeout(this.#retry?.timer);
    this.#retry = null;
  }
}
