/** A store that cannot be used, with what the person must know about it. */
import { NavisError } from '@navisai/protocol';
import type { StoreProblem } from './store.types.ts';

export class StoreFailure extends NavisError {
  readonly problem: StoreProblem;

  constructor(problem: StoreProblem, cause?: unknown) {
    super('DEGRADED', `${problem.what} ${problem.remedy}`, { cause });
    this.name = 'StoreFailure';
    this.problem = problem;
  }
}
