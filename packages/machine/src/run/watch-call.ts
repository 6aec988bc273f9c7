/** Follows the output of a call by offset, pulled page by page: a slow watcher costs no memory and slows nobody. */
import { setTimeout } from 'node:timers/promises';
import type { CallOutputSink, RunEnd } from '../machine.types.ts';
import type { OutputStore } from '../output-store.ts';
import type { CallResult } from './call-record.ts';
import type { HostConnection } from './host-link.ts';
import type { StreamName } from './output-file.ts';
import type { ReadAnswer } from './run-protocol.types.ts';

export interface WatchRequest {
  callId: string;
  /** Where each stream is continued. */
  stdout: number;
  stderr: number;
  sink: CallOutputSink;
  store: OutputStore;
  /** To the host that runs the call, if one does. */
  connection(): HostConnection | null;
  /** The call has been asked for but may not be on record yet. */
  isExpected(): boolean;
}

const pageBytes = 256 * 1024;
/** One long poll; an idle command costs one small message in so long. */
const pollMs = 20_000;
const pollMarginMs = 10_000;
/** A call that is about to start is awaited for so long. */
const startDeadlineMs = 10_000;
const lookAgainMs = 20;

export const watchCall = (request: WatchRequest): { close(): void } => {
  const watcher = new Watcher(request);
  void watcher.follow();
  return { close: () => watcher.close() };
};

class Watcher {
  readonly #request: WatchRequest;
  readonly #at: Record<StreamName, number>;
  #isClosed = false;

  constructor(request: WatchRequest) {
    this.#request = request;
    this.#at = { stdout: request.stdout, stderr: request.stderr };
  }

  close(): void {
    this.#isClosed = true;
  }

  async follow(): Promise<void> {
    const { callId, store, sink } = this.#request;
    const startedAt = performance.now();
    while (!this.#isClosed) {
      const connection = this.#request.connection();
      const page = connection === null ? null : await this.#ask(connection);
      if (page !== null) {
        await this.#deliver(page);
        continue;
      }
      const ended = store.ended(callId);
      if (ended !== null) return this.#finish(ended.result);
      const isLate = !this.#request.isExpected() && performance.now() - startedAt > startDeadlineMs;
      if (isLate) return sink.onEnd({ exitCode: null, signal: null });
      await setTimeout(lookAgainMs);
    }
  }

  /** `null` when the host does not have the call (any more). */
  async #ask(connection: HostConnection): Promise<{ result: ReadAnswer; payload: Buffer } | null> {
    const { callId } = this.#request;
    const ask = { callId, ...this.#at, maxBytes: pageBytes, waitMs: pollMs };
    try {
      return await connection.request('read', ask, { deadlineMs: pollMs + pollMarginMs });
    } catch {
      return null;
    }
  }

  async #deliver({ result, payload }: { result: ReadAnswer; payload: Buffer }): Promise<void> {
    const { stdout, stderr, end } = result;
    await this.#emit('stdout', { offset: stdout.offset, bytes: payload.subarray(0, stdout.bytes) });
    await this.#emit('stderr', { offset: stderr.offset, bytes: payload.subarray(stdout.bytes) });
    // The record is about to have the result: no need to ask the host in a circle.
    if (end !== null && payload.length === 0) await setTimeout(lookAgainMs);
  }

  async #emit(stream: StreamName, { offset, bytes }: { offset: number; bytes: Buffer }): Promise<void> {
    if (bytes.length === 0 || this.#isClosed) return;
    this.#at[stream] = offset + bytes.length;
    await this.#request.sink.onOutput({ stream, offset, bytes });
  }

  async #finish(result: CallResult): Promise<void> {
    const { callId, store, sink } = this.#request;
    for (const stream of ['stdout', 'stderr'] as const) {
      for (;;) {
        const page = { stored: result[stream], from: this.#at[stream], maxBytes: pageBytes };
        const read = store.readStream(callId, stream, page);
        if (read.bytes.length === 0 || this.#isClosed) break;
        await this.#emit(stream, read);
      }
    }
    if (!this.#isClosed) sink.onEnd(endOf(result.end));
  }
}

const endOf = (end: RunEnd): { exitCode: number | null; signal: string | null } =>
  end.kind === 'ended' ? { exitCode: end.exitCode, signal: end.signal } : { exitCode: null, signal: null };
