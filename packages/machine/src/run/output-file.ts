/**
 * One stream of a call on disk, addressed by offset and bounded: the first half of the limit stays, after it a ring
 * keeps the newest bytes, and what is between them is lost. Files are named after the path of their call.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import type { StoredStream } from './call-record.ts';

export type StreamName = 'stdout' | 'stderr';

export interface OutputLimits {
  headBytes: number;
  ringBytes: number;
}

/** Together `maxStoredOutputBytes` of the protocol (T3); a test holds them equal. */
export const outputLimits: OutputLimits = { headBytes: 32 * 1024 * 1024, ringBytes: 32 * 1024 * 1024 };

interface Place {
  file: 'head' | 'ring';
  position: number;
  /** Bytes that fit here before the place changes. */
  length: number;
}

const placeOf = (offset: number, length: number, { headBytes, ringBytes }: OutputLimits): Place => {
  if (offset < headBytes) return { file: 'head', position: offset, length: Math.min(length, headBytes - offset) };
  const position = (offset - headBytes) % ringBytes;
  return { file: 'ring', position, length: Math.min(length, ringBytes - position) };
};

const pathOf = (basePath: string, stream: StreamName, file: Place['file']): string =>
  `${basePath}.${stream}${file === 'head' ? '' : '.ring'}`;

/** The writing side. Writes must not overlap in time. */
export class OutputFileWriter {
  readonly #basePath: string;
  readonly #stream: StreamName;
  readonly #limits: OutputLimits;
  readonly #files: Partial<Record<Place['file'], FileHandle>> = {};
  #writtenEnd = 0;

  constructor(basePath: string, stream: StreamName, limits: OutputLimits) {
    this.#basePath = basePath;
    this.#stream = stream;
    this.#limits = limits;
  }

  /** The offset after the last byte that the disk took. */
  get writtenEnd(): number {
    return this.#writtenEnd;
  }

  async write(offset: number, bytes: Buffer): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const place = placeOf(offset + done, bytes.length - done, this.#limits);
      const file = (this.#files[place.file] ??= await open(this.#path(place), 'w+', 0o600));
      const { bytesWritten } = await file.write(bytes, done, place.length, place.position);
      done += bytesWritten;
      this.#writtenEnd = offset + done;
    }
  }

  /** For a small output at the end of its call, where waiting for the thread pool would cost more than the write. */
  writeAll(bytes: Buffer): void {
    const file = openSync(pathOf(this.#basePath, this.#stream, 'head'), 'w', 0o600);
    try {
      for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done, bytes.length - done, done);
      this.#writtenEnd = bytes.length;
    } finally {
      closeSync(file);
    }
  }

  get isOpen(): boolean {
    return this.#files.head !== undefined;
  }

  async close(): Promise<void> {
    const files = Object.values(this.#files);
    delete this.#files.head;
    delete this.#files.ring;
    await Promise.all(files.map((file) => file.close().catch(() => undefined)));
  }

  #path({ file }: Place): string {
    return pathOf(this.#basePath, this.#stream, file);
  }
}

/** What is kept of a stream of `totalBytes` bytes when nothing failed. */
export const keptOf = (totalBytes: number, { headBytes, ringBytes }: OutputLimits): StoredStream => {
  const head = Math.min(totalBytes, headBytes);
  return { totalBytes, headBytes: head, tailFrom: Math.max(head, totalBytes - ringBytes) };
};

export interface ReadRange {
  basePath: string;
  stream: StreamName;
  stored: StoredStream;
  from: number;
  maxBytes: number;
  limits?: OutputLimits;
}

/** Kept bytes from `from` on without a gap among them; `offset` is later than `from` where bytes were lost. */
export const readStored = (range: ReadRange): { offset: number; bytes: Buffer } => {
  const { stored, maxBytes, limits = outputLimits } = range;
  const isInGap = range.from >= stored.headBytes && range.from < stored.tailFrom;
  const offset = Math.min(isInGap ? stored.tailFrom : range.from, stored.totalBytes);
  const end = offset < stored.headBytes && stored.tailFrom > stored.headBytes ? stored.headBytes : stored.totalBytes;
  if (stored.inline !== undefined) {
    return { offset, bytes: Buffer.from(stored.inline, 'base64').subarray(offset, offset + maxBytes) };
  }
  const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(maxBytes, end - offset)));
  let done = 0;
  while (done < bytes.length) {
    const place = placeOf(offset + done, bytes.length - done, limits);
    const read = readPlace(pathOf(range.basePath, range.stream, place.file), place, bytes.subarray(done));
    // A file that was dropped or cut is the end of what can be read.
    if (read === 0) break;
    done += read;
  }
  return { offset, bytes: bytes.subarray(0, done) };
};

const readPlace = (path: string, { position, length }: Place, into: Buffer): number => {
  try {
    const file = openSync(path, 'r');
    try {
      return readSync(file, into, 0, length, position);
    } finally {
      closeSync(file);
    }
  } catch {
    return 0;
  }
};
