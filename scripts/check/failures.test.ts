import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { reportVariable } from './failure-reporter.ts';
import { describeFailure, describeToldFailure } from './failures.ts';
import { runProgram } from './run-program.ts';
import type { TestCounts } from './step.types.ts';

const root = join(import.meta.dirname, '../..');

test('a failed test is told with its name and the first line of its error', () => {
  const message = '\u001B[31mwaited 25000 ms in vain: the hub did not end\u001B[39m\n    more';
  expect(describeToldFailure({ name: 'a.test.ts > T17: nothing\n is lost', errors: [{ message }] })).toBe(
    'a.test.ts > T17: nothing is lost: waited 25000 ms in vain: the hub did not end',
  );
});

test('what went wrong first is told before what went wrong while ending', () => {
  const error = { name: 'Error', message: 'left behind: 12 navis-run-host' };
  const suppressed = { name: 'AssertionError', message: 'expected 7 to be 0' };
  expect(
    describeToldFailure({ name: 'a', errors: [{ name: 'SuppressedError', message: '', error, suppressed }] }),
  ).toBe('a: AssertionError: expected 7 to be 0 | left behind: 12 navis-run-host');
});

test('a failed property is told with its seed and its counterexample', () => {
  const message =
    'Property failed after 3 tests\n{ seed: 1, path: "2:0", endOnFailure: true }\nCounterexample: ["x"]\nShrunk 1';
  expect(describeToldFailure({ name: 'a', errors: [{ name: 'Error', message }] })).toBe(
    'a: Property failed after 3 tests { seed: 1, path: "2:0", endOnFailure: true } Counterexample: ["x"]',
  );
});

test('a failure is one line of bounded length, whatever is told', () => {
  expect(describeToldFailure({ name: 'a', errors: [] })).toBe('a: no reason told');
  const long = describeFailure(`n\n${'n'.repeat(9000)}`, `\n\n${'r'.repeat(9000)}\nmore`);
  expect([long.includes('\n'), long.length < 1000]).toEqual([false, true]);
});

const files = {
  'a.test.ts': `import { test, describe } from 'vitest';
    describe('suite', () => test('fails twice', async () => {
      await using place = { [Symbol.asyncDispose]: () => { throw new Error('second') } };
      throw new Error('first');
    }));
    test('passes', () => undefined);
    test.skip('is skipped', () => undefined);`,
  'b.test.ts': `import './missing.ts';`,
  'c.test.ts': `import { beforeAll, describe, test } from 'vitest';
    describe('set up', () => { beforeAll(() => { throw new Error('no room') }); test('never runs', () => undefined); });`,
};

test('a run of vitest tells which tests, suites and files failed, and why', { timeout: 60_000 }, async () => {
  const cache = join(root, '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'failures-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const report = join(folder, 'report.json');
  const { isSuccess } = await runProgram({
    file: process.execPath,
    arguments: [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      `--root=${folder}`,
      `--reporter=${join(import.meta.dirname, 'failure-reporter.ts')}`,
    ],
    directory: folder,
    environment: { ...process.env, VITEST: '', NODE_ENV: '', [reportVariable]: report },
    deadlineMs: 50_000,
  });
  expect(isSuccess).toBe(false);
  const told = JSON.parse(readFileSync(report, 'utf8')) as TestCounts;
  expect(told).toMatchObject({ passed: 1, failed: 1, skipped: 2 });
  expect(told.failures.toSorted()).toEqual([
    'a.test.ts > suite > fails twice: first | second',
    expect.stringMatching(/^b\.test\.ts: .*missing/),
    'c.test.ts > set up: no room',
  ]);
});
