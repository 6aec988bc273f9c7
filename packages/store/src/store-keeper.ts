/** Keeps a store in use: opens it, and opens it again when it could not be used (I17). */
import { toErrorBody } from '@navisai/protocol';
import { StoreFailure } from './store-failure.ts';
import type { Store, StoreProblem } from './store.types.ts';

export class StoreKeeper implements AsyncDisposable {
  readonly #open: () => Promise<Store>;
  readonly #onReplaced = new Set<() => void>();
  #store: Store | undefined;
  #generation = '';
  #problem: StoreProblem | undefined = {
    kind: 'unreadable',
    what: 'The store is not open yet.',
    remedy: 'Wait a moment.',
  };

  constructor(open: () => Promise<Store>) {
    this.#open = open;
  }

  /** Never rejects: a store that cannot be opened is a `problem`. */
  async start(): Promise<StoreProblem | undefined> {
    try {
      this.#store = await this.#open();
      this.#problem = undefined;
      const isAnother = this.#generation !== '' && this.#generation !== this.#store.generation;
      this.#generation = this.#store.generation;
      if (isAnother) for (const listener of Array.from(this.#onReplaced)) listener();
    } catch (error) {
      this.#problem =
        error instanceof StoreFailure
          ? error.problem
          : { kind: 'unreadable', what: toErrorBody(error).message, remedy: 'See: navisai logs.' };
    }
    return this.problem();
  }

  /** Throws NavisError DEGRADED while it cannot be read. */
  get store(): Store {
    const problem = this.problem();
    if (this.#store === undefined || problem?.kind === 'unreadable')
      throw new StoreFailure(problem ?? { kind: 'unreadable', what: 'The store is closed.', remedy: 'Start the hub.' });
    return this.#store;
  }

  /** The generation that was opened last; empty before. */
  get generation(): string {
    return this.#generation;
  }

  /** Told when a store of another generation took the place of the one before. */
  onReplaced(listener: () => void): () => void {
    this.#onReplaced.add(listener);
    return () => this.#onReplaced.delete(listener);
  }

  problem(): StoreProblem | undefined {
    return this.#problem ?? this.#store?.problem();
  }

  /** Looks whether the store works (again); to be called every few seconds. */
  async check(): Promise<StoreProblem | undefined> {
    const problem = (await this.#store?.check()) ?? this.problem();
    if (problem?.kind !== 'unreadable') return problem;
    const broken = this.#store;
    this.#store = undefined;
    this.#problem = problem;
    await closeQuietly(broken);
    return this.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const store = this.#store;
    this.#store = undefined;
    await store?.[Symbol.asyncDispose]();
  }
}

/** What is broken may refuse to be closed as well; its problem is known already. */
const closeQuietly = async (store: Store | undefined): Promise<void> => {
  try {
    await store?.[Symbol.asyncDispose]();
  } catch {
    // Nothing more can be done with it.
  }
};
