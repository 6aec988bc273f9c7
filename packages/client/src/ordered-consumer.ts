/** Hands items to a consumer one after the other, at once while it keeps up; what waits is bounded by who fills it. */

export interface OrderedConsumer<Item> {
  push(item: Item): void;
  readonly waiting: number;
  /** Drops what waits; the item under way ends. */
  clear(): void;
}

/**
 * `consume` may return a promise: the next item waits for it. A consumer that fails has failed for good: nothing follows
 * and `onFailure` is told once.
 */
export const createOrderedConsumer = <Item>(options: {
  consume: (item: Item) => void | Promise<void>;
  /** After each consumed item. */
  onConsumed: (item: Item) => void;
  onFailure: (error: unknown) => void;
}): OrderedConsumer<Item> => {
  const queue: Item[] = [];
  let isBusy = false;
  let hasFailed = false;
  const fail = (error: unknown): void => {
    hasFailed = true;
    queue.length = 0;
    options.onFailure(error);
  };
  const finish = (item: Item): void => {
    isBusy = false;
    options.onConsumed(item);
  };
  const start = (item: Item): void => {
    isBusy = true;
    try {
      const pending = options.consume(item);
      if (pending === undefined) finish(item);
      else
        pending.then(() => {
          finish(item);
          drain();
        }, fail);
    } catch (error) {
      fail(error);
    }
  };
  const drain = (): void => {
    while (!isBusy && !hasFailed) {
      const next = queue.shift();
      if (next === undefined) return;
      start(next);
    }
  };
  return {
    push: (item) => {
      if (hasFailed) return;
      queue.push(item);
      drain();
    },
    get waiting() {
      return queue.length;
    },
    clear: () => {
      queue.length = 0;
    },
  };
};
