/** A reporter of vitest: counts tests and writes down what failed, also what hides behind another error. */
import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';
import { describeToldFailure, type ToldFailure } from './failures.ts';
import type { TestCounts } from './step.types.ts';

/** Names the file to write. */
export const reportVariable = 'NAVIS_CHECK_REPORT';

type RunEnd = Parameters<NonNullable<Reporter['onTestRunEnd']>>;

class FailureReporter implements Reporter {
  readonly #total: TestCounts = { passed: 0, failed: 0, skipped: 0, failures: [] };

  /** Written file by file: a run that is ended for its deadline has told as much. */
  onTestModuleEnd(file: TestModule): void {
    for (const test of file.children.allTests()) {
      const { state } = test.result();
      this.#total[state === 'passed' || state === 'failed' ? state : 'skipped'] += 1;
    }
    this.#add(failuresOf(file));
  }

  onTestRunEnd(...[, outside]: RunEnd): void {
    this.#add(outside.length === 0 ? [] : [{ name: 'outside of tests', errors: outside }]);
  }

  #add(failures: ToldFailure[]): void {
    this.#total.failures.push(...failures.map(describeToldFailure));
    const path = process.env[reportVariable];
    if (path !== undefined) writeFileSync(path, JSON.stringify(this.#total));
  }
}

// How vitest takes a reporter.
// oxlint-disable-next-line import/no-default-export
export default FailureReporter;

const failuresOf = (file: TestModule): ToldFailure[] =>
  [
    { name: file.relativeModuleId, errors: file.errors() },
    ...[...file.children.allSuites()].map((suite) => ({ name: nameOf(file, suite), errors: suite.errors() })),
    ...[...file.children.allTests('failed')].map((test) => ({
      name: nameOf(file, test),
      errors: test.result().errors ?? [],
    })),
  ].filter(({ errors }) => errors.length > 0);

const nameOf = (file: TestModule, { fullName }: { fullName: string }): string =>
  `${file.relativeModuleId} > ${fullName}`;
