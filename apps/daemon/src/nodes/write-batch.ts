/** Small writes of many nodes at once in one transaction: a fleet that comes back costs few syncs of the disk (F1). */
import type { StoreFeed, StoreWriter } from '@navisai/store';

type Work = (writer: StoreWriter) => Promise<void>;

interface Job {
  work: Work;
  resolve(): void;
  reject(error: unknown): void;
}

export class WriteBatch {
  readonly #feed: StoreFeed;
  #jobs: Job[] = [];

  constructor(feed: StoreFeed) {
    this.#feed = feed;
  }

  /** Resolves when it is on disk. Work that rejects spoils that of the others: only the store itself may. */
  async run<T>(work: (writer: StoreWriter) => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let result: T | undefined;
    const keepResult: Work = async (writer) => {
      result = await work(writer);
    };
    if (this.#jobs.length === 0) setImmediate(() => void this.#flush());
    this.#jobs.push({ work: keepResult, resolve, reject });
    await promise;
    return result as T;
  }

  async #flush(): Promise<void> {
    const jobs = this.#jobs;
    this.#jobs = [];
    try {
      await this.#feed.transaction(async (writer) => {
        for (const { work } of jobs) await work(writer);
      });
      for (const { resolve } of jobs) resolve();
    } catch (error) {
      for (const { reject } of jobs) reject(error);
    }
  }
}
