/** Counts wrong pairing tokens: many of them make the hub deaf to pairing for a moment (I14). */
import { NavisError } from '@navisai/protocol';

const maxWrongTokens = 20;
const windowMs = 60_000;
const pauseMs = 30_000;

export class WrongTokens {
  readonly #now: () => number;
  #since = 0;
  #count = 0;
  #pausedUntil = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  get isPaused(): boolean {
    return this.#now() < this.#pausedUntil;
  }

  /** Throws NavisError RATE_LIMITED. */
  refuseWhilePaused(): void {
    if (!this.isPaused) return;
    const retryAfter = Math.ceil((this.#pausedUntil - this.#now()) / 1000);
    throw new NavisError('RATE_LIMITED', 'Too many wrong pairing links. Pairing pauses for a moment.', {
      details: { retryAfter },
    });
  }

  add(): void {
    if (this.#now() - this.#since > windowMs) {
      this.#since = this.#now();
      this.#count = 0;
    }
    this.#count += 1;
    if (this.#count < maxWrongTokens) return;
    this.#pausedUntil = this.#now() + pauseMs;
    this.#count = 0;
  }
}
