/** Runs one vitest project and counts its tests. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from './run-program.ts';
import type { Counts, StepContext } from './step.types.ts';

export interface VitestStep {
  project: 'unit' | 'journeys' | 'browser';
  deadlineMs: number;
}

interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
}

const listDeadlineMs = 60_000;

export async function runVitest(context: StepContext, { project, deadlineMs }: VitestStep): Promise<Counts> {
  const report = join(context.environment.TMPDIR ?? '', `${project}.json`);
  const end = await runProgram({
    file: process.execPath,
    arguments: [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--passWithNoTests',
      '--reporter=default',
      '--reporter=json',
      `--project=${project}`,
      `--outputFile.json=${report}`,
      ...context.filters,
    ],
    directory: context.root,
    environment: context.environment,
    isLive: true,
    deadlineMs,
  });
  const counts = readReport(report);
  if (end.isSuccess || counts.failed > 0) return counts;
  console.log(`vitest failed outside of a test: ${end.reason}`);
  return { ...counts, failed: 1 };
}

function readReport(path: string): Counts {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8')) as VitestReport;
    const skipped = report.numPendingTests + report.numTodoTests;
    return { passed: report.numPassedTests, failed: report.numFailedTests, skipped };
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
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
