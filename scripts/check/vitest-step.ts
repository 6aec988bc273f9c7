/** Runs one vitest project and counts its tests. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reportVariable } from './failure-reporter.ts';
import { runProgram } from './run-program.ts';
import type { Counts, StepContext, TestCounts } from './step.types.ts';

export interface VitestStep {
  project: 'unit' | 'journeys' | 'browser';
  deadlineMs: number;
  /** Default: that of the configuration. */
  workers?: number;
}

const listDeadlineMs = 60_000;
const reporter = fileURLToPath(new URL('./failure-reporter.ts', import.meta.url));

export async function runVitest(context: StepContext, { project, deadlineMs, workers }: VitestStep): Promise<Counts> {
  const report = join(context.environment.TMPDIR ?? '', `${project}.json`);
  const end = await runProgram({
    file: process.execPath,
    arguments: [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--passWithNoTests',
      '--reporter=default',
      `--reporter=${reporter}`,
      // Also unit-shared.
      `--project=${project}*`,
      ...(workers === undefined ? [] : [`--maxWorkers=${workers}`]),
      ...context.filters,
    ],
    directory: context.root,
    environment: { ...context.environment, [reportVariable]: report },
    isLive: true,
    deadlineMs,
  });
  const counts = readReport(report);
  // Failed files and errors outside of tests are no failed tests, and a run that was ended for its deadline tells none.
  if (end.isSuccess || (counts.failed > 0 && !end.isLate)) return counts;
  const reason = `vitest: ${end.reason}`;
  console.log(reason);
  return { ...counts, failed: counts.failed + 1, failures: [...counts.failures, reason] };
}

function readReport(path: string): TestCounts {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as TestCounts;
  } catch {
    return { passed: 0, failed: 0, skipped: 0, failures: [] };
  }
}

/** The names of a project's tests, without running them. */
export async function listTests(context: StepContext, project: string): Promise<string[]> {
  const { isSuccess, output } = await runProgram({
    file: process.execPath,
    arguments: ['node_modules/vitest/vitest.mjs', 'list', '--project', project],
    directory: context.root,
    environment: context.environment,
    deadlineMs: listDeadlineMs,
  });
  return isSuccess ? output.split('\n').filter((line) => line.includes(' > ')) : [];
}
