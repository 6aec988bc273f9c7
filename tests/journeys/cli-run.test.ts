import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startHub, until, type TestHub } from '@navisai/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli, openWindow, startCli } from './cli-process.fixture.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub[Symbol.asyncDispose]());

const run = (...words: string[]) => cli(hub, ['run', ...words]);

test('issue 2: run streams stdout and stderr apart and returns the exit code of the command', async () => {
  expect(await run('--', 'echo out; echo err >&2; exit 3')).toEqual({ exitCode: 3, stdout: 'out\n', stderr: 'err\n' });
  expect(await run('--', 'printf', '%s|', 'a b', '$HOME')).toEqual({ exitCode: 0, stdout: 'a b|$HOME|', stderr: '' });
  expect(await run('--', 'kill -9 $$')).toMatchObject({ exitCode: 137 });
  expect(await run('--', 'true')).toEqual({ exitCode: 0, stdout: '', stderr: '' });
});

test('issue 2: output is shown while the command runs', async () => {
  const running = startCli(hub, ['run', '--', 'echo first; while [ ! -e go ]; do sleep 0.05; done; echo second']);
  await until('the first line', () => running.stdout === 'first\n');
  await run('--', 'touch', 'go');
  expect((await running.ended).stdout).toBe('first\nsecond\n');
});

test('I12: the directory of the CLI is the default, --cwd another, a bad one an error', async () => {
  expect((await cli(hub, ['run', '--', 'pwd'], { cwd: '/usr' })).stdout).toBe('/usr\n');
  expect((await run('--cwd', '/', '--', 'pwd')).stdout).toBe('/\n');
  const missing = await run('--cwd', '/does/not/exist', '--', 'pwd');
  expect(missing.exitCode).toBe(2);
  expect(missing.stdout).toBe('');
  expect(missing.stderr).toContain('/does/not/exist');
});

test('T3: every byte of a large output arrives, binary too', async () => {
  const { stdout } = await run('--', 'seq 1 400000; head -c 100000 /dev/zero');
  const lines = Array.from({ length: 400_000 }, (_, index) => `${index + 1}\n`).join('');
  expect(stdout === lines + '\0'.repeat(100_000)).toBe(true);
});

test('T6: a timeout ends with 124 after the partial output', async () => {
  const { exitCode, stdout, stderr } = await run('--timeout', '3', '--', 'echo before; sleep 60');
  expect([exitCode, stdout]).toEqual([124, 'before\n']);
  expect(stderr).toContain('ran longer than 3 s');
});

test('issue 2: Ctrl-C reaches the command, a second one kills it', async () => {
  await using window = openWindow(hub, [
    'run',
    '--',
    `trap 'echo caught; exit 7' INT; echo ready; while :; do sleep 0.1; done`,
  ]);
  await window.shows('ready');
  window.type('\x03');
  await window.shows('caught');
  expect(await window.ended()).toBe(7);
  await using stubborn = openWindow(hub, ['run', '--', `trap '' INT; echo ready; while :; do sleep 0.1; done`]);
  await stubborn.shows('ready');
  stubborn.type('\x03');
  await stubborn.shows('Ctrl-C again kills the command');
  stubborn.type('\x03');
  expect(await stubborn.ended()).toBe(137);
});

test('issue 2: a reader that goes away ends the command, not the hub', async () => {
  const running = startCli(hub, ['run', '--', 'echo $$ > pid; yes']);
  await until('output', () => running.stdout !== '');
  running.child.stdout?.destroy();
  expect((await running.ended).exitCode).toBe(141);
  const pid = readFileSync(join(hub.userHome, 'pid'), 'utf8').trim();
  await until('the command is gone', () => !existsSync(`/proc/${pid}`));
});

test('I12: --json prints the result of the tool', async () => {
  const { stdout } = await run('--json', '--', 'echo hi');
  const result = JSON.parse(stdout) as Record<string, unknown>;
  expect(result).toMatchObject({ success: true, metadata: { exit_code: 0 } });
});

test('T18: a run goes on through kill -9 and restart of the hub: no byte lost or doubled, true exit code', async () => {
  const running = startCli(hub, ['run', '--', 'for i in $(seq 1 60); do echo line $i; sleep 0.05; done; exit 5']);
  await until('output', () => running.stdout.includes('line 3'));
  await hub.kill();
  await hub.start();
  const { exitCode, stdout } = await running.ended;
  expect(stdout).toBe(Array.from({ length: 60 }, (_, index) => `line ${index + 1}\n`).join(''));
  expect(exitCode).toBe(5);
});
