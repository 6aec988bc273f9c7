/** Drops old outputs of calls now and then (T3). */
import { maxStoredOutputsBytes, storedOutputDays } from '@navisai/protocol';
import type { OutputStore } from '../output-store.ts';

const firstSweepMs = 30_000;
const sweepEveryMs = 60 * 60 * 1000;
const limits = {
  totalBytes: maxStoredOutputsBytes,
  maxAgeMs: storedOutputDays * 24 * 60 * 60 * 1000,
  maxCalls: 50_000,
};

export class OutputSweep {
  readonly #store: OutputStore;
  readonly #onFailure: (error: unknown) => void;
  #timer: NodeJS.Timeout | null = null;

  constructor(store: OutputStore, onFailure: (error: unknown) => void) {
    this.#store = store;
    this.#onFailure = onFailure;
  }

  start(): void {
    this.#timer = setTimeout(() => void this.#sweep(), firstSweepMs);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  async #sweep(): Promise<void> {
    await this.#store.sweep(limits).catch(this.#onFailure);
    if (this.#timer === null) return;
    this.#timer = setTimeout(() => void this.#sweep(), sweepEveryMs);
    this.#timer.unref();
  }
}
