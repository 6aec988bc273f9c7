/** Whether the store can be written, as its last errors tell, and when it is tried again (I17). */
import { StoreFailure } from '../store-failure.ts';
import type { StoreProblem } from '../store.types.ts';
import { describeSqliteError } from './sqlite-problem.ts';

/** While it cannot be written, a write is really tried this often at most; the others are refused at once. */
const retryMs = 1000;

export class SqliteHealth {
  #problem: StoreProblem | undefined;
  #triedAt = 0;

  get problem(): StoreProblem | undefined {
    return this.#problem;
  }

  /** What an error of SQLite means; remembered when it is about the store as a whole. */
  explain(error: unknown): unknown {
    const problem = describeSqliteError(error);
    if (problem === undefined) return error;
    this.fail(problem);
    return new StoreFailure(problem, error);
  }

  fail(problem: StoreProblem): void {
    this.#problem = problem;
    this.#triedAt = performance.now();
  }

  /** Throws StoreFailure instead of a write that would fail most likely. */
  requireWritable(): void {
    if (this.#problem === undefined) return;
    const now = performance.now();
    const mayTry = this.#problem.kind === 'unwritable' && now - this.#triedAt >= retryMs;
    if (!mayTry) throw new StoreFailure(this.#problem);
    this.#triedAt = now;
  }

  /** A write has reached the disk. */
  succeed(): void {
    if (this.#problem?.kind === 'unwritable') this.#problem = undefined;
  }
}
