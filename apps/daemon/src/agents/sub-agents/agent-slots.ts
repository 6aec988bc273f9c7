/** How many sub-agents of one parent run at the same time (`max_parallel`); the others wait for their turn. */

interface Waiting {
  go(): void;
}

export class AgentSlots {
  readonly #used = new Map<string, { count: number; waiting: Waiting[] }>();

  /** Resolves when there is room, or `undefined` when `signal` ended before. Never rejects. */
  async take(parentRunId: string, limit: number, signal: AbortSignal): Promise<Disposable | undefined> {
    const slots = this.#used.get(parentRunId) ?? { count: 0, waiting: [] };
    this.#used.set(parentRunId, slots);
    while (slots.count >= limit && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const one = { go: () => resolve() };
      slots.waiting.push(one);
      signal.addEventListener('abort', one.go, { once: true });
      await promise;
      signal.removeEventListener('abort', one.go);
      if (slots.waiting.includes(one)) slots.waiting.splice(slots.waiting.indexOf(one), 1);
    }
    if (signal.aborted) {
      // It may have been called just then: the next one looks.
      slots.waiting.shift()?.go();
      this.#forget(parentRunId);
      return undefined;
    }
    slots.count += 1;
    return {
      [Symbol.dispose]: () => {
        slots.count -= 1;
        slots.waiting.shift()?.go();
        this.#forget(parentRunId);
      },
    };
  }

  #forget(parentRunId: string): void {
    const slots = this.#used.get(parentRunId);
    if (slots?.count === 0 && slots.waiting.length === 0) this.#used.delete(parentRunId);
  }
}
