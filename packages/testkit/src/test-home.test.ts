/** The leak check must find what a careless program would leave behind. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findMarked } from './process-marks.ts';
import { createTestHome } from './test-home.ts';
import { until } from './until.ts';

test('a process that left its session and its parent is found by its environment, named and ended', async () => {
  const place = await createTestHome({ leakGraceMs: 300 });
  spawn('setsid', ['sh', '-c', 'sleep 987 & wait'], {
    env: place.environment(),
    stdio: 'ignore',
    detached: true,
  }).unref();
  await until('it runs', async () =>
    (await findMarked(place.mark)).some(({ command }) => command.includes('sleep 987')),
  );
  await expect(place[Symbol.asyncDispose]()).rejects.toThrow(/left behind: .*sleep 987/);
  await until('nothing is left', async () => (await findMarked(place.mark)).length === 0);
  expect(existsSync(place.mark)).toBe(false);
});

test('a process that only works in the folder is found, too', async () => {
  const place = await createTestHome({ leakGraceMs: 300 });
  const child = spawn('sleep', ['986'], { env: { PATH: process.env['PATH'] }, cwd: place.userHome, stdio: 'ignore' });
  await until('it is found', async () => (await findMarked(place.mark)).some(({ pid }) => pid === child.pid));
  await expect(place.checkLeaks()).rejects.toThrow('sleep 986');
  await place[Symbol.asyncDispose]();
});
