/** Appends that arrive together share one transaction, so that it is begun and ended once for all of them (D1). */
import { NavisError } from '@navisai/protocol';
import type { NewEvent, StreamEvent } from './events.types.ts';
import type { Applied } from './store.types.ts';

interface Waiting {
  events: readonly NewEvent[];
  resolve(events: StreamEvent[]): void;
  reject(error: unknown): void;
}

/** Under load commits follow each other no closer than this; a lone append never waits. */
const commitIntervalMs = 4;
const maxRowsPerCommit = 1000;
/** Beyond this the writer is told that the log cannot keep up. */
const maxWaitingRows = 50_000;

type Commit = (events: readonly NewEvent[]) => Promise<Applied<StreamEvent[]>>;

export class EventBatch {
  readonly #commit: Commit;
  #waiting: Waiting[] = [];
  #waitingRows = 0;
  #running: Promise<void> | undefined;

  constructor(commit: Commit) {
    this.#commit = commit;
  }

  append(events: readonly NewEvent[]): Promise<StreamEvent[]> {
    if (events.length === 0) return Promise.resolve([]);
    if (this.#waitingRows + events.length > maxWaitingRows)
      return Promise.reject(new NavisError('DEGRADED', 'The event log cannot keep up; this event was not kept.'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ events, resolve, reject });
      this.#waitingRows += events.length;
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing is waiting any more. */
  async settle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    // What was appended in the same tick belongs to the first commit.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const startedAt = performance.now();
      await this.#commitNext();
      const restMs = commitIntervalMs - (performance.now() - startedAt);
      if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs));
    }
    // In the same turn as the last look at what waits: whatever comes next starts anew.
    this.#running = undefined;
  }

  async #commitNext(): Promise<void> {
    const batch: Waiting[] = [];
    let rows = 0;
    while (
      this.#waiting[0] !== undefined &&
      (rows === 0 || rows + this.#waiting[0].events.length <= maxRowsPerCommit)
    ) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      batch.push(next);
      rows += next.events.length;
    }
    try {
      const { result: events, durable } = await this.#commit(batch.flatMap((waiting) => waiting.events));
      // The next commit does not wait for the disk: they share its next confirmation.
      void this.#answer(batch, { events, durable });
    } catch (error) {
      this.#waitingRows -= rows;
      for (const waiting of batch) waiting.reject(error);
    }
  }

  async #answer(
    batch: readonly Waiting[],
    { events, durable }: { events: StreamEvent[]; durable: Promise<void> },
  ): Promise<void> {
    try {
      await durable;
      let start = 0;
      for (const waiting of batch) waiting.resolve(events.slice(start, (start += waiting.events.length)));
    } catch (error) {
      for (const waiting of batch) waiting.reject(error);
    } finally {
      this.#waitingRows -= events.length;
    }
  }
}
