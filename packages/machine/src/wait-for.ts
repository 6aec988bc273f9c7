/** Waits until a terminal's output matches a pattern, falls silent, or its process ends (T30). */
import type { WaitFor } from '@navisai/protocol';
import type { RE2JS } from 're2js';
import { createPatternSearch } from './pattern-search.ts';
import type { PatternSearch } from './pattern-search.ts';
import type { ExitState, OutputSubscription, PtyHosts } from './pty-hosts.types.ts';

export interface WaitRequest {
  hosts: Pick<PtyHosts, 'subscribe'>;
  terminalId: string;
  /** Output before this offset does not count. */
  from: number;
  wait: Omit<WaitFor, 'pattern' | 'timeout'> & { pattern?: RE2JS | undefined };
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

export interface WaitOutcome {
  /** What came first of the things that were asked for. */
  matched: 'pattern' | 'idle' | 'exit' | null;
  timedOut: boolean;
  /** The process has ended; with `matched: null` it did so before anything else that was asked for could happen. */
  exit: ExitState | null;
}

const windowBytes = 256 * 1024;
/** Reading a flood may take one part in this many of the time: acknowledgements wait, and so does the flood. */
const readShare = 3;
const readSliceMs = 4;
/** Searching may take one part in this many of the time, except when this much text is waiting. */
const searchShare = 5;
const maxUnsearched = 128 * 1024;

/** Never rejects; an abort is told as a timeout. */
export const waitForOutput = (request: WaitRequest): Promise<WaitOutcome> =>
  new Promise((resolve) => new OutputWait(request, resolve));

class OutputWait {
  readonly #request: WaitRequest;
  readonly #resolve: (outcome: WaitOutcome) => void;
  readonly #search: PatternSearch | undefined;
  readonly #deadline: NodeJS.Timeout;
  readonly #subscription: OutputSubscription | undefined;
  #readOffset = 0;
  #readMs = 0;
  #nextRead: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;
  #nextSearch: NodeJS.Timeout | undefined;
  #searchedUntil = 0;
  #isDone = false;

  constructor(request: WaitRequest, resolve: (outcome: WaitOutcome) => void) {
    this.#request = request;
    this.#resolve = resolve;
    this.#search = request.wait.pattern === undefined ? undefined : createPatternSearch(request.wait.pattern);
    this.#deadline = setTimeout(() => this.#timeOut(), request.timeoutMs);
    request.signal?.addEventListener('abort', this.#timeOut, { once: true });
    this.#startIdle();
    this.#subscription = this.#subscribe();
    if (this.#isDone) this.#subscription?.close();
  }

  #subscribe(): OutputSubscription | undefined {
    const { hosts, terminalId, from } = this.#request;
    try {
      return hosts.subscribe(
        { terminalId, from, windowBytes, paces: true },
        {
          onOutput: ({ offset, bytes }) => {
            const startedAt = performance.now();
            this.#onOutput(bytes);
            this.#acknowledge(offset + bytes.length, performance.now() - startedAt);
          },
          onSkipped: ({ to }) => this.#acknowledge(to, 0),
          onExit: (exit) => this.#onExit(exit),
        },
      );
    } catch {
      // The terminal is gone: nothing that was asked for can come any more.
      this.#end({ matched: null, timedOut: false, exit: null });
      return undefined;
    }
  }

  /** `readMs` is the time that reading took. */
  #acknowledge(offset: number, readMs: number): void {
    this.#readOffset = offset;
    this.#readMs += readMs;
    if (this.#isDone || this.#nextRead !== undefined) return;
    if (this.#readMs < readSliceMs) {
      this.#subscription?.acknowledge(offset);
      return;
    }
    this.#nextRead = setTimeout(
      () => {
        this.#nextRead = undefined;
        this.#subscription?.acknowledge(this.#readOffset);
      },
      this.#readMs * (readShare - 1),
    );
    this.#readMs = 0;
  }

  #onOutput(bytes: Uint8Array): void {
    if (this.#isDone) return;
    this.#startIdle();
    if (this.#search === undefined) return;
    this.#search.push(bytes);
    const waitMs = this.#searchedUntil - performance.now();
    if (waitMs <= 0 || this.#search.unsearched() > maxUnsearched) this.#searchNow();
    else this.#nextSearch ??= setTimeout(() => this.#searchNow(), waitMs);
  }

  #searchNow(): void {
    clearTimeout(this.#nextSearch);
    this.#nextSearch = undefined;
    const startedAt = performance.now();
    if (this.#search?.found() === true) this.#end({ matched: 'pattern', timedOut: false, exit: null });
    const now = performance.now();
    this.#searchedUntil = now + (now - startedAt) * (searchShare - 1);
  }

  #startIdle(): void {
    const { idle_ms: idleMs } = this.#request.wait;
    if (idleMs === undefined) return;
    if (this.#idle === undefined)
      this.#idle = setTimeout(() => this.#end({ matched: 'idle', timedOut: false, exit: null }), idleMs);
    else this.#idle.refresh();
  }

  #onExit(exit: ExitState): void {
    if (this.#isDone) return;
    if (this.#search !== undefined && this.#search.found()) {
      this.#end({ matched: 'pattern', timedOut: false, exit });
      return;
    }
    const { exit: isAsked, idle_ms: idleMs } = this.#request.wait;
    // An ended process is silent for ever.
    const matched = isAsked === true ? 'exit' : idleMs === undefined ? null : 'idle';
    this.#end({ matched, timedOut: false, exit });
  }

  readonly #timeOut = (): void => {
    if (!this.#isDone && this.#search !== undefined && this.#search.unsearched() > 0) this.#searchNow();
    this.#end({ matched: null, timedOut: true, exit: null });
  };

  #end(outcome: WaitOutcome): void {
    if (this.#isDone) return;
    this.#isDone = true;
    clearTimeout(this.#deadline);
    clearTimeout(this.#idle);
    clearTimeout(this.#nextSearch);
    clearTimeout(this.#nextRead);
    this.#request.signal?.removeEventListener('abort', this.#timeOut);
    this.#subscription?.close();
    this.#resolve(outcome);
  }
}
