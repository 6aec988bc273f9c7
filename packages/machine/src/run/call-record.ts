/**
 * What is kept of one call in `calls/<callId>.json`: three lines, of which the last two have a fixed length, so that the
 * process and the result are written in place and need no space on a disk that has become full. A directory for each
 * call would cost a fifth of a millisecond more.
 */
import { closeSync, constants, existsSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessReference } from '../process-table.types.ts';
import type { RecordPool } from './record-pool.ts';
import type { RunEnd, RunRequest } from '../machine.types.ts';

/** The environment is left out: it may hold secrets. */
export type CallFacts = Omit<RunRequest, 'environment'> & {
  startedAt: string;
  hostId: string;
  /** Of the machine's start in which it ran. */
  bootId: string;
};

/** What of a stream is kept: bytes [0, headBytes) and [tailFrom, totalBytes). */
export interface StoredStream {
  totalBytes: number;
  headBytes: number;
  tailFrom: number;
  /** All of a short stream, in base64: it has no file. */
  inline?: string;
}

export interface CallResult {
  end: RunEnd;
  endedAt: string;
  stdout: StoredStream;
  stderr: StoredStream;
  warnings: string[];
}

export interface CallRecord {
  facts: CallFacts;
  leader: ProcessReference | null;
  result: CallResult | null;
}

const recordEnding = '.json';
const leaderBytes = 128;
const resultBytes = 3072;
/** Two of them and the rest of a result fit into its line. */
export const maxInlineStreamBytes = 900;
const emptySlots = Buffer.from(`${' '.repeat(leaderBytes - 1)}\n${' '.repeat(resultBytes - 1)}\n`);
export const maxMessageLength = 300;

/** Ids become names of directories. */
export const isCallId = (text: string): boolean => /^[A-Za-z0-9_-]{1,64}$/.test(text);

export const recordPathOf = (callsDirectory: string, callId: string): string =>
  join(callsDirectory, `${callId}${recordEnding}`);

export const listCallIds = (callsDirectory: string): string[] =>
  readdirSync(callsDirectory)
    .filter((name) => name.endsWith(recordEnding))
    .map((name) => name.slice(0, -recordEnding.length))
    .filter(isCallId);

export interface NewRecord {
  records: RecordPool;
  callsDirectory: string;
  facts: CallFacts;
}

/** The open record of a call under way. */
export class CallRecordWriter {
  /** Path of the call's files without their endings. */
  readonly basePath: string;
  readonly #file: number;
  readonly #leaderAt: number;

  private constructor(basePath: string, file: number, leaderAt: number) {
    this.basePath = basePath;
    this.#file = file;
    this.#leaderAt = leaderAt;
  }

  /** Takes the id: throws EEXIST when there is such a call already, ENOSPC when the disk is full. */
  static create({ records, callsDirectory, facts }: NewRecord): CallRecordWriter {
    const path = recordPathOf(callsDirectory, facts.callId);
    const file = records.take(path);
    try {
      const line = Buffer.from(`${JSON.stringify(facts)}\n`);
      writeFully(file, Buffer.concat([line, emptySlots]), 0);
      return new CallRecordWriter(join(callsDirectory, facts.callId), file, line.length);
    } catch (error) {
      closeSync(file);
      rmSync(path, { force: true });
      throw error;
    }
  }

  writeLeader(leader: ProcessReference): void {
    writeFully(this.#file, slot(leader, leaderBytes), this.#leaderAt);
  }

  /** Throws when the disk refuses. */
  writeResult(result: CallResult): void {
    writeFully(this.#file, slot(result, resultBytes), this.#leaderAt + leaderBytes);
  }

  close(): void {
    closeSync(this.#file);
  }
}

const slot = (value: unknown, bytes: number): Buffer => {
  const text = Buffer.from(JSON.stringify(value));
  if (text.length >= bytes) throw new Error('The result is longer than its place in the record.');
  const line = Buffer.alloc(bytes, ' ');
  text.copy(line);
  line[bytes - 1] = 0x0a;
  return line;
};

const writeFully = (file: number, bytes: Buffer, position: number): void => {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done, bytes.length - done, position + done);
};

/** `null` when there is no such call; a record that was cut off by a crash counts as none without a result. */
export const readCallRecord = (callsDirectory: string, callId: string): CallRecord | null => {
  const path = recordPathOf(callsDirectory, callId);
  // Most look-ups are for calls that do not exist yet; an exception would cost several times this.
  if (!existsSync(path)) return null;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return null;
  }
  const [facts, leader, result] = text.split('\n').map(parseLine);
  if (facts === undefined || facts === null) return null;
  return {
    facts: facts as CallFacts,
    leader: (leader ?? null) as ProcessReference | null,
    result: (result ?? null) as CallResult | null,
  };
};

const parseLine = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
};

/** Gives a call whose host died the result that it will never get otherwise. */
export const writeLateResult = (callsDirectory: string, callId: string, result: CallResult): void => {
  const path = recordPathOf(callsDirectory, callId);
  const leaderAt = readFileSync(path).indexOf('\n') + 1;
  const file = openSync(path, constants.O_WRONLY);
  try {
    writeFully(file, slot(result, resultBytes), leaderAt + leaderBytes);
  } finally {
    closeSync(file);
  }
};
