import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { runProgram } from './run-program.ts';

const shell = (script: string, deadlineMs = 10_000) =>
  runProgram({ file: 'sh', arguments: ['-c', script], directory: tmpdir(), deadlineMs });

test('a program that ends tells its whole output and how it ended', async () => {
  const end = await shell('seq 1 20000; echo problem >&2; exit 3');
  expect(end).toMatchObject({ isSuccess: false, reason: 'exit code 3' });
  expect(end.output).toContain('\n20000\n');
  expect(end.output).toContain('problem');
});

test('a program that is not done in time is ended and fails', async () => {
  const start = performance.now();
  expect(await shell('exec sleep 60', 200)).toMatchObject({ isSuccess: false, reason: 'not done in 0.2 s' });
  expect(performance.now() - start).toBeLessThan(5000);
});

test('a grandchild that holds the output open does not hold up the check', async () => {
  const end = await shell('sleep 30 & echo $!');
  expect(end.isSuccess).toBe(true);
  process.kill(Number(end.output));
});

test('a program that does not exist is a failure, not an exception', async () => {
  const end = await runProgram({ file: '/nowhere', arguments: [], directory: tmpdir(), deadlineMs: 1000 });
  expect(end.isSuccess).toBe(false);
  expect(end.reason).toContain('ENOENT');
});
