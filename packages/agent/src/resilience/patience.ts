/** Waits for one thing after the other, each for so long and none beyond a signal: one timer and one listener for all of them. */

/** Nothing came in time. */
export class SilenceError extends Error {
  readonly afterMs: number;

  constructor(afterMs: number) {
    super(`no answer for ${afterMs} ms`);
    this.afterMs = afterMs;
  }
}

export class Patience implements Disposable {
  readonly #given: AbortSignal;
  readonly #end = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #ms = 0;
  /** Of what is waited for now. */
  #giveUp: ((reason: unknown) => void) | undefined;

  constructor(signal: AbortSignal) {
    this.#given = signal;
    signal.addEventListener('abort', this.#onStopped, { once: true });
    if (signal.aborted) this.#onStopped();
  }

  /** Aborted with the signal, or when nothing came in time. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  get silence(): SilenceError | undefined {
    const { reason } = this.signal as { reason: unknown };
    return reason instanceof SilenceError ? reason : undefined;
  }

  /** Settles as `work` does; rejects SilenceError or the signal's reason, whether or not whoever works notices. */
  within<T>(ms: number, work: PromiseLike<T>): Promise<T> {
    this.#wind(ms);
    return new Promise<T>((resolve, reject) => {
      this.#giveUp = reject;
      if (this.signal.aborted) reject(this.signal.reason);
      work.then(
        (value) => {
          this.#giveUp = undefined;
          resolve(value);
        },
        (error: unknown) => {
          this.#giveUp = undefined;
          reject(error);
        },
      );
    });
  }

  /** Ends what goes on with the signal. */
  abort(reason?: unknown): void {
    this.#end.abort(reason);
    this.#giveUp?.(this.signal.reason);
  }

  [Symbol.dispose](): void {
    this.#given.removeEventListener('abort', this.#onStopped);
    clearTimeout(this.#timer);
  }

  /** It is not stopped between two waits: whom it then wakes is waited for by nobody. */
  #wind(ms: number): void {
    if (this.#timer !== undefined && this.#ms === ms) return void this.#timer.refresh();
    clearTimeout(this.#timer);
    this.#ms = ms;
    this.#timer = setTimeout(() => {
      if (this.#giveUp !== undefined) this.abort(new SilenceError(ms));
    }, ms);
  }

  readonly #onStopped = (): void => this.abort(this.#given.reason);
}
