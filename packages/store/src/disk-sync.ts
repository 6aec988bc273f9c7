/** Waits for the disk beside the event loop: commits that come while it is waited for share the next wait (D1, L1). */

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

/** A run begins with two commits: with the second the disk goes to work, while the model is asked. */
const maxGathered = 2;

export class DiskSync {
  readonly #sync: () => Promise<void>;
  #waiting: Waiter[] = [];
  /** What the last caller waits for. */
  #last: Promise<void> | undefined;
  #running: Promise<void> | undefined;
  /** Set while the first of a turn waits for what follows it at once. */
  #begin: (() => void) | undefined;

  /** `sync` brings everything that was written before it was called to the disk. */
  constructor(sync: () => Promise<void>) {
    this.#sync = sync;
  }

  /** Resolves, in the order of the calls, when everything that was written before is on disk. Rejects with what `sync` does. */
  flush(): Promise<void> {
    const flushed = new Promise<void>((resolve, reject) => this.#waiting.push({ resolve, reject }));
    this.#last = flushed;
    if (this.#waiting.length === maxGathered) this.#begin?.();
    this.#running ??= this.#run();
    return flushed;
  }

  /** Resolves when what was written before is on disk, after everything that follows at once from that; does not flush by itself. */
  async passed(): Promise<void> {
    if (this.#running === undefined) return;
    await this.#last;
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Resolves when nothing is waited for any more. */
  async settle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    // What follows at once from a commit shares its wait: the end of an earlier one would be noticed after it all the same.
    await new Promise<void>((resolve) => {
      this.#begin = resolve;
      process.nextTick(resolve);
    });
    this.#begin = undefined;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      const failure = await this.#sync().then(
        () => undefined,
        (error: unknown) => ({ error }),
      );
      release(batch, failure);
    }
    this.#running = undefined;
  }
}

/** One after the other with everything that follows at once from it, so that events are told in the order of their commits. */
const release = ([first, ...others]: Waiter[], failure: { error: unknown } | undefined): void => {
  const settle = (waiter: Waiter): void => (failure === undefined ? waiter.resolve() : waiter.reject(failure.error));
  if (first !== undefined) settle(first);
  for (const waiter of others) setImmediate(settle, waiter);
};
