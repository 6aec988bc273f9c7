/**
 * One stream of a running call: what came is kept on disk within bounds, its first and newest bytes also in memory,
 * and readers follow it by offset. A disk that refuses costs old bytes, never the command.
 */
import { keptOf, OutputFileWriter, outputLimits, readStored } from './output-file.ts';
import type { OutputLimits, StreamName } from './output-file.ts';
import { maxInlineStreamBytes, type StoredStream } from './call-record.ts';
import { HeadAndTail } from './head-and-tail.ts';

/** T3: the most that an answer shows of one stream, and so what is kept in memory at each end. */
export const inlineBytes = 256 * 1024;
/** Above it the pipe is not read until the disk has taken some. */
const maxPendingBytes = 1024 * 1024;
/** Output waits this long for more before it is written. */
const writeDelayMs = 100;
const writeAtBytes = 64 * 1024;

export interface OutputCaptureOptions {
  /** Path of the call's files without their endings. */
  basePath: string;
  stream: StreamName;
  limits?: OutputLimits;
  /** The disk has caught up after `isBehind`. */
  onCaughtUp(): void;
}

export class OutputCapture {
  readonly #options: OutputCaptureOptions;
  readonly #limits: OutputLimits;
  readonly #writer: OutputFileWriter;
  readonly #memory = new HeadAndTail({ headBytes: inlineBytes, tailBytes: inlineBytes });
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #writing: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  /** Why the disk refused, and how far it had come. */
  #failure: { reason: string; headBytes: number } | null = null;

  constructor(options: OutputCaptureOptions) {
    this.#options = options;
    this.#limits = options.limits ?? outputLimits;
    this.#writer = new OutputFileWriter(options.basePath, options.stream, this.#limits);
  }

  get totalBytes(): number {
    return this.#memory.totalBytes;
  }

  get isBehind(): boolean {
    return this.#pendingBytes > maxPendingBytes;
  }

  get failure(): string | null {
    return this.#failure?.reason ?? null;
  }

  head(): Buffer {
    return this.#memory.head();
  }

  tail(): Buffer {
    return this.#memory.tail();
  }

  append(bytes: Buffer): void {
    this.#memory.append(bytes);
    if (this.#failure !== null) return;
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes >= writeAtBytes) this.#write();
    else this.#timer ??= setTimeout(() => this.#write(), writeDelayMs);
  }

  /** Bytes that are there now, from `from` or the next kept offset on; none when `from` is the end. */
  async read(from: number, maxBytes: number): Promise<{ offset: number; bytes: Buffer }> {
    const inMemory = this.#memory.read(from, maxBytes);
    if (inMemory !== null) return { offset: from, bytes: inMemory };
    if (from >= this.#writer.writtenEnd) await this.#flush();
    const { basePath, stream } = this.#options;
    const stored = this.#stored(this.#writer.writtenEnd);
    const read = readStored({ basePath, stream, stored, from, maxBytes, limits: this.#limits });
    // The ring may have moved on meanwhile, or the disk have failed: memory has the newest.
    if (read.bytes.length > 0 && read.offset <= this.#memory.tailFrom) return read;
    const offset = this.#memory.tailFrom;
    return { offset, bytes: this.#memory.read(offset, maxBytes) ?? Buffer.alloc(0) };
  }

  /** Everything is on disk as far as it can be; says what is kept. */
  async finish(): Promise<StoredStream> {
    this.#stopTimer();
    const isUnwritten = this.#writing === null && !this.#writer.isOpen && this.#failure === null;
    if (isUnwritten && this.totalBytes <= maxInlineStreamBytes) {
      this.#takePending();
      return { ...this.#stored(this.totalBytes), inline: this.head().toString('base64') };
    }
    if (isUnwritten) this.#writeSmall();
    await this.#flush();
    const stored = this.#failure === null ? this.#stored(this.totalBytes) : await this.#rescueTail();
    await this.#writer.close();
    return stored;
  }

  #stored(totalBytes: number): StoredStream {
    const kept = keptOf(totalBytes, this.#limits);
    return this.#failure === null ? kept : { ...kept, headBytes: this.#failure.headBytes, tailFrom: totalBytes };
  }

  /** A short output needs no thread pool. */
  #writeSmall(): void {
    if (this.#pendingBytes === 0 || this.totalBytes > this.#limits.headBytes) return;
    try {
      this.#writer.writeAll(Buffer.concat(this.#pending));
      this.#takePending();
    } catch (error) {
      this.#fail(error);
    }
  }

  async #flush(): Promise<void> {
    while (this.#pendingBytes > 0 || this.#writing !== null) {
      this.#write();
      await this.#writing;
    }
  }

  #write(): void {
    this.#stopTimer();
    if (this.#writing !== null || this.#pendingBytes === 0) return;
    const bytes = this.#takePending();
    this.#writing = this.#writer
      .write(this.#writer.writtenEnd, bytes)
      .catch((error: unknown) => this.#fail(error))
      .then(() => this.#written());
  }

  #written(): void {
    this.#writing = null;
    if (this.#pendingBytes >= writeAtBytes) this.#write();
    else if (this.#pendingBytes > 0) this.#timer ??= setTimeout(() => this.#write(), writeDelayMs);
    if (!this.isBehind) this.#options.onCaughtUp();
  }

  #takePending(): Buffer {
    const bytes = this.#pending.length === 1 ? (this.#pending[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    return bytes;
  }

  #fail(error: unknown): void {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    this.#failure = { reason, headBytes: Math.min(this.#writer.writtenEnd, this.#limits.headBytes) };
    this.#takePending();
  }

  /** The disk may have space again: at least the newest bytes get another try. */
  async #rescueTail(): Promise<StoredStream> {
    const stored = this.#stored(this.totalBytes);
    const tailFrom = Math.max(this.#memory.tailFrom, stored.headBytes);
    try {
      await this.#writer.write(tailFrom, this.#memory.read(tailFrom, inlineBytes) ?? Buffer.alloc(0));
      return { ...stored, tailFrom };
    } catch {
      return stored;
    }
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
