/** The file of the call journal: JSON lines, then zeros that keep space for the next; a torn end is cut off. */
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { ToolResult } from '@navisai/protocol';

export type JournalRecord =
  | { type: 'begin'; key: string; at: number }
  | { type: 'end'; key: string; at: number; result: ToolResult }
  /** A file that is not yet in place. */
  | { type: 'temporary'; key: string; path: string }
  | { type: 'forget'; key: string }
  /** An approval of this call was used; it ends at `until` (milliseconds). */
  | { type: 'spent'; key: string; until: number };

export interface Place {
  offset: number;
  length: number;
}

/** Taken in advance; a record that fits into what is left of it needs nothing of a full disk. */
const reserveBytes = 64 * 1024;
/** Of the reserve, only for records that are not results. */
const lastReserveBytes = 32 * 1024;
/** Above the longest result with its metadata; a longer line is none of ours. */
const maxRecordBytes = 4 * 1024 * 1024;

export class JournalFile {
  readonly #path: string;
  #file: number;
  #end: number;
  /** Bytes of the file that exist on disk. */
  #size: number;

  private constructor(path: string, file: number, end: number) {
    this.#path = path;
    this.#file = file;
    this.#end = end;
    this.#size = fstatSync(file).size;
  }

  static open(path: string): { file: JournalFile; records: { record: JournalRecord; place: Place }[] } {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    const bytes = readFileSync(path);
    const records = parseAll(bytes);
    const last = records.at(-1)?.place;
    const end = last === undefined ? 0 : last.offset + last.length;
    const file = new JournalFile(path, descriptor, end);
    // A torn record must not show again behind a shorter one.
    if (bytes.subarray(end).some((byte) => byte !== 0)) file.#clearTail();
    file.#reserve();
    return { file, records };
  }

  get endOffset(): number {
    return this.#end;
  }

  /** Throws when the disk refuses; then nothing of the record counts. */
  append(record: JournalRecord): Place {
    const bytes = Buffer.from(`${JSON.stringify(record)}\n`);
    if (bytes.length > maxRecordBytes) throw new Error('The record is too long.');
    const place = { offset: this.#end, length: bytes.length };
    const kept = record.type === 'end' ? lastReserveBytes : 0;
    if (this.#end + bytes.length + kept > this.#size) this.#grow(this.#end + bytes.length + kept);
    writeFully(this.#file, bytes, this.#end);
    this.#end += bytes.length;
    if (this.#size - this.#end < lastReserveBytes) this.#reserve();
    return place;
  }

  read({ offset, length }: Place): JournalRecord | null {
    const bytes = Buffer.alloc(length);
    readSync(this.#file, bytes, 0, length, offset);
    return parseRecord(bytes.toString());
  }

  /** Keeps only these records; answers where they are now. The old file stays until the new one is whole. */
  rewrite(places: readonly Place[]): Map<number, number> {
    const temporary = `${this.#path}.new`;
    const next = openSync(temporary, constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC, 0o600);
    const moved = new Map<number, number>();
    let end = 0;
    try {
      for (const { offset, length } of places) {
        const bytes = Buffer.alloc(length);
        readSync(this.#file, bytes, 0, length, offset);
        writeFully(next, bytes, end);
        moved.set(offset, end);
        end += length;
      }
      writeFully(next, Buffer.alloc(reserveBytes), end);
      renameSync(temporary, this.#path);
    } catch (error) {
      closeSync(next);
      rmSync(temporary, { force: true });
      throw error;
    }
    closeSync(this.#file);
    this.#file = next;
    this.#end = end;
    this.#size = end + reserveBytes;
    return moved;
  }

  close(): void {
    closeSync(this.#file);
  }

  #reserve(): void {
    try {
      this.#grow(this.#end + reserveBytes);
    } catch {
      // What is left serves until the disk has space again.
    }
  }

  #grow(size: number): void {
    if (size <= this.#size) return;
    const added = Math.max(size - this.#size, reserveBytes);
    writeFully(this.#file, Buffer.alloc(added), this.#size);
    this.#size += added;
  }

  #clearTail(): void {
    writeFully(this.#file, Buffer.alloc(this.#size - this.#end), this.#end);
  }
}

const parseAll = (bytes: Buffer): { record: JournalRecord; place: Place }[] => {
  const records: { record: JournalRecord; place: Place }[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const newline = bytes.indexOf(0x0a, offset);
    if (newline === -1) break;
    const length = newline + 1 - offset;
    const record = parseRecord(bytes.toString('utf8', offset, newline));
    if (record === null) break;
    records.push({ record, place: { offset, length } });
    offset = newline + 1;
  }
  return records;
};

const parseRecord = (line: string): JournalRecord | null => {
  try {
    const record = JSON.parse(line) as Partial<JournalRecord> | null;
    return typeof record?.key === 'string' && typeof record.type === 'string' ? (record as JournalRecord) : null;
  } catch {
    return null;
  }
};

const writeFully = (file: number, bytes: Buffer, position: number): void => {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done, bytes.length - done, position + done);
};
