/** The present moment as reactive state, once a second while the page is looked at. */

const tickMs = 1000;

export class Ticker implements Disposable {
  #now = $state(Date.now());
  #timer: ReturnType<typeof setInterval> | undefined;
  readonly #update = (): void => this.#follow();

  constructor() {
    document.addEventListener('visibilitychange', this.#update);
    this.#follow();
  }

  /** Milliseconds since 1970 of the local clock. */
  get now(): number {
    return this.#now;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    document.removeEventListener('visibilitychange', this.#update);
  }

  #follow(): void {
    clearInterval(this.#timer);
    this.#now = Date.now();
    if (document.visibilityState === 'visible') this.#timer = setInterval(() => (this.#now = Date.now()), tickMs);
  }
}
