/** Hands items to a consumer one after the other, at once while it keeps up; what waits is bounded by who fills it. */

export interface OrderedConsumerOptions<Item> {
  /** May return a promise: the next item waits for it. */
  consume: (item: Item) => void | Promise<void>;
  /** After each consumed item. */
  onConsumed: (item: Item) => void;
  /** The consumer failed, for good: nothing follows. */
  onFailure: (error: unknown) => void;
}

export class OrderedConsumer<Item> {
  readonly #options: OrderedConsumerOptions<Item>;
  #queue: Item[] = [];
  #isBusy = false;
  #hasFailed = false;

  constructor(options: OrderedConsumerOptions<Item>) {
    this.#options = options;
  }

  push(item: Item): void {
    if (this.#hasFailed) return;
    this.#queue.push(item);
    this.#drain();
  }

  /** Drops what waits; the item under way ends. */
  clear(): void {
    this.#queue = [];
  }

  #drain(): void {
    while (!this.#isBusy && !this.#hasFailed) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      this.#start(next);
    }
  }

  #start(item: Item): void {
    this.#isBusy = true;
    try {
      const pending = this.#options.consume(item);
      // A handler typed `void` may return anything.
      if (!(pending instanceof Promise)) this.#finish(item);
      else pending.then(() => this.#finishLater(item)).catch((error: unknown) => this.#fail(error));
    } catch (error) {
      this.#fail(error);
    }
  }

  #finish(item: Item): void {
    this.#isBusy = false;
    this.#options.onConsumed(item);
  }

  #finishLater(item: Item): void {
    this.#finish(item);
    this.#drain();
  }

  #fail(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#queue = [];
    this.#options.onFailure(error);
  }
}
