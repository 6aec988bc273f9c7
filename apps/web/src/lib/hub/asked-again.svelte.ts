/** What the hub is asked for, and asked for again a while after each answer (I18). */
import { oneAtATime } from './one-at-a-time.ts';

export class AskedAgain implements Disposable {
  readonly #ask: () => Promise<void>;
  readonly #again: (() => void) | undefined;
  readonly #pauseMs: () => number;
  #problem = $state('');
  readonly now = oneAtATime(() => this.#askOnce());
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;

  /** `again` is called when a pause is over, and asks or leaves it; without it, it is asked. */
  constructor(ask: () => Promise<void>, { pauseMs, again }: { pauseMs(): number; again?(): void }) {
    this.#ask = ask;
    this.#again = again;
    this.#pauseMs = pauseMs;
  }

  /** Why the last asking failed; empty when it did not. */
  get problem(): string {
    return this.#problem;
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  async #askOnce(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      await this.#ask();
      this.#problem = '';
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : 'Something went wrong.';
    }
    if (!this.#isOver) this.#timer = setTimeout(this.#again ?? (() => void this.now()), this.#pauseMs());
  }
}
