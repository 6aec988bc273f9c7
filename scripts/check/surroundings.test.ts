import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createSurroundings } from './surroundings.ts';

const signalOf = async (child: ChildProcess): Promise<unknown> => (await once(child, 'exit'))[1];

test('a process left running is found by its marker and ended', async () => {
  using surroundings = createSurroundings('/');
  const child = spawn('sleep', ['60'], { env: surroundings.environment, detached: true });
  const end = signalOf(child);
  expect(surroundings.killLeftovers()).toEqual([expect.objectContaining({ pid: child.pid, command: 'sleep 60' })]);
  expect(await end).toBe('SIGKILL');
});

test('a process that lost the marker is found by its HOME or its directory', async () => {
  using surroundings = createSurroundings('/');
  const { HOME, PATH, TMPDIR } = surroundings.environment;
  const byHome = spawn('sleep', ['60'], { env: { HOME, PATH }, detached: true });
  const byDirectory = spawn('sleep', ['60'], { env: { PATH }, cwd: TMPDIR, detached: true });
  const ends = Promise.all([signalOf(byHome), signalOf(byDirectory)]);
  expect(surroundings.killLeftovers().map(({ pid }) => pid)).toEqual([byHome.pid, byDirectory.pid]);
  expect(await ends).toEqual(['SIGKILL', 'SIGKILL']);
});

test('a process that is just ending gets its moment, and other processes are left alone', async () => {
  using surroundings = createSurroundings('/');
  const other = spawn('sleep', ['60'], { env: { PATH: process.env.PATH } });
  const ending = spawn('sleep', ['0.3'], { env: surroundings.environment });
  const end = signalOf(ending);
  expect(await surroundings.endLeftovers()).toEqual([]);
  expect(await end).toBe(null);
  expect(other.exitCode).toBe(null);
  other.kill();
});

test("what tests start sees neither this person's HOME nor the settings of an outer npm or hub", async () => {
  process.env.npm_config_local_prefix = '/outer';
  process.env.NAVIS_HOME = '/outer';
  let home = '';
  {
    using surroundings = createSurroundings('/');
    home = surroundings.environment.HOME ?? '';
    expect(surroundings.environment).not.toHaveProperty('npm_config_local_prefix');
    expect(surroundings.environment).not.toHaveProperty('NAVIS_HOME');
    expect(existsSync(home)).toBe(true);
  }
  delete process.env.npm_config_local_prefix;
  delete process.env.NAVIS_HOME;
  expect(existsSync(home)).toBe(false);
});
