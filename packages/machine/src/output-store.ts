/**
 * The calls that left their record and output on disk: found by id, read by offset, and dropped, oldest first, when
 * they are too old or too many (T3).
 */
import { existsSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { RunOutcome } from './machine.types.ts';
import {
  isCallId,
  listCallIds,
  readCallRecord,
  recordPathOf,
  type CallRecord,
  type CallResult,
  type StoredStream,
} from './run/call-record.ts';
import { inlineBytes } from './run/output-capture.ts';
import { readStored, type StreamName } from './run/output-file.ts';

export interface OutputLimits {
  /** All outputs together. */
  totalBytes: number;
  maxAgeMs: number;
  /** Calls, with or without output. */
  maxCalls: number;
}

export type EndedCall = Pick<CallRecord, 'facts'> & { result: CallResult };

export interface OutputPage {
  offset: number;
  bytes: Uint8Array;
  endOffset: number;
}

/** Calls looked at before other work gets its turn. */
const callsPerSlice = 50;
/** No call takes so long. */
const longestCallMs = 24 * 60 * 60 * 1000;
const storedEndings = ['.stdout', '.stdout.ring', '.stderr', '.stderr.ring'] as const;

export class OutputStore {
  readonly #callsDirectory: string;

  constructor(callsDirectory: string) {
    this.#callsDirectory = callsDirectory;
  }

  find(callId: string): CallRecord | null {
    return isCallId(callId) ? readCallRecord(this.#callsDirectory, callId) : null;
  }

  /** `null` for a call that is unknown or has not ended. */
  ended(callId: string): EndedCall | null {
    const record = this.find(callId);
    return record === null || record.result === null ? null : { facts: record.facts, result: record.result };
  }

  /** The outcome of a call that has ended, as its host would have answered. */
  outcome({ facts, result }: EndedCall): RunOutcome {
    const stdout = this.#ends(facts.callId, 'stdout', result.stdout);
    const stderr = this.#ends(facts.callId, 'stderr', result.stderr);
    return {
      end: result.end,
      startedAt: facts.startedAt,
      endedAt: result.endedAt,
      stdout,
      stderr,
      warnings: result.warnings,
    };
  }

  /** What a host that died left of the output of a call under way. */
  leftOf(callId: string): { stdout: StoredStream; stderr: StoredStream } {
    const stored = (stream: StreamName): StoredStream => {
      const headBytes = this.#size(callId, `.${stream}`);
      // Where a ring ends is known to its writer only.
      return { totalBytes: headBytes, headBytes, tailFrom: headBytes };
    };
    return { stdout: stored('stdout'), stderr: stored('stderr') };
  }

  /**
   * The output of an ended call as one text addressed by offset: stdout, then stderr under its heading. Lost bytes keep
   * their offsets; a mark stands at the first of them.
   */
  read(callId: string, result: CallResult, range: { from: number; maxBytes: number }): OutputPage {
    const pieces = this.#pieces(callId, result);
    const endOffset = pieces.at(-1)?.end ?? 0;
    const piece = pieces.find(({ end }) => end > range.from);
    if (piece === undefined) return { offset: endOffset, bytes: Buffer.alloc(0), endOffset };
    const offset = Math.max(range.from, piece.start);
    return { offset, bytes: piece.read(offset - piece.start, Math.min(range.maxBytes, piece.end - offset)), endOffset };
  }

  /** One stream from its own offset on; for watchers that come late. */
  readStream(callId: string, stream: StreamName, page: { stored: StoredStream; from: number; maxBytes: number }) {
    return readStored({ basePath: join(this.#callsDirectory, callId), stream, ...page });
  }

  /** Drops outputs above the limits, oldest first: their records stay as the mark until they are too old. */
  async sweep(limits: OutputLimits, now = Date.now()): Promise<void> {
    const calls = (await this.#list(now)).sort((one, other) => other.at - one.at);
    let keptBytes = 0;
    for (const [index, { callId, at, bytes }] of calls.entries()) {
      const outputs = storedEndings.map((ending) => join(this.#callsDirectory, callId + ending));
      keptBytes += bytes;
      if (now - at > limits.maxAgeMs || index >= limits.maxCalls)
        await remove([...outputs, recordPathOf(this.#callsDirectory, callId)]);
      else if (keptBytes > limits.totalBytes) await remove(outputs);
    }
  }

  async #list(now: number): Promise<{ callId: string; at: number; bytes: number }[]> {
    const found: { callId: string; at: number; bytes: number }[] = [];
    for (const [index, callId] of listCallIds(this.#callsDirectory).entries()) {
      if (index % callsPerSlice === callsPerSlice - 1) await setImmediate();
      const record = statSync(recordPathOf(this.#callsDirectory, callId), { throwIfNoEntry: false });
      if (record === undefined) continue;
      const mayRun = now - record.mtimeMs < longestCallMs;
      if (mayRun && this.find(callId)?.result === null) continue;
      const bytes = storedEndings.reduce((sum, ending) => sum + this.#size(callId, ending), record.size);
      found.push({ callId, at: record.mtimeMs, bytes });
    }
    return found;
  }

  #size(callId: string, ending: string): number {
    return statSync(join(this.#callsDirectory, callId + ending), { throwIfNoEntry: false })?.size ?? 0;
  }

  #ends(callId: string, stream: StreamName, stored: StoredStream): RunOutcome['stdout'] {
    const head = this.readStream(callId, stream, { stored, from: 0, maxBytes: inlineBytes });
    const headEnd = head.offset === 0 ? head.bytes.length : 0;
    const tailFrom = Math.max(headEnd, stored.totalBytes - inlineBytes);
    const tail = this.readStream(callId, stream, { stored, from: tailFrom, maxBytes: inlineBytes });
    return { head: head.bytes.subarray(0, headEnd), tail: tail.bytes, totalBytes: stored.totalBytes };
  }

  #pieces(callId: string, { stdout, stderr }: CallResult): Piece[] {
    const output = this.#streamPieces({ callId, stream: 'stdout', stored: stdout, start: 0 });
    if (stderr.totalBytes === 0) return output;
    const heading = textPiece(stdout.totalBytes, stdout.totalBytes === 0 ? '[stderr]\n' : '\n[stderr]\n');
    const errors = this.#streamPieces({ callId, stream: 'stderr', stored: stderr, start: heading.end });
    return [...output, heading, ...errors];
  }

  #streamPieces(stream: { callId: string; stream: StreamName; stored: StoredStream; start: number }): Piece[] {
    const { callId, stored, start } = stream;
    const isKept = stored.inline !== undefined || existsSync(join(this.#callsDirectory, `${callId}.${stream.stream}`));
    const headBytes = isKept ? stored.headBytes : 0;
    const tailFrom = isKept ? stored.tailFrom : stored.totalBytes;
    const kept = (from: number, end: number): Piece => ({
      start: start + from,
      end: start + end,
      read: (at, maxBytes) =>
        this.readStream(callId, stream.stream, { stored, from: from + at, maxBytes }).bytes.subarray(
          0,
          end - from - at,
        ),
    });
    const mark = textPiece(start + headBytes, `\n[${tailFrom - headBytes} bytes are not kept]\n`, start + tailFrom);
    return [kept(0, headBytes), mark, kept(tailFrom, stored.totalBytes)].filter(({ end, start: at }) => end > at);
  }
}

interface Piece {
  start: number;
  end: number;
  read(at: number, maxBytes: number): Buffer;
}

const textPiece = (start: number, text: string, latestEnd = Number.POSITIVE_INFINITY): Piece => {
  const bytes = Buffer.from(text);
  const end = Math.min(start + bytes.length, latestEnd);
  return { start, end, read: (at, maxBytes) => bytes.subarray(at, Math.min(end - start, at + maxBytes)) };
};

const remove = async (paths: string[]): Promise<void> => {
  // What cannot be removed now is tried again by the next sweep.
  await Promise.all(paths.map((path) => rm(path, { recursive: true, force: true }).catch(() => undefined)));
};
