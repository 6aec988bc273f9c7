/** Hosts that cannot start, are not wanted any more, or lose their hub while they start: none of them stays (I12). */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openRequest, startHubProcess } from '../../pty-hosts.fixture.ts';
import { processesOf, unknownLeader } from '../../process-tree.ts';
import { runHostProgram } from '../../run/run-host-program.ts';
import { hostsDirectory } from '../host-record.ts';
import { hostMarker, launchHost, type HostProgram } from './launch-host.ts';
import { ptyHostProgram } from './pty-host-program.ts';

let stateDirectory = '';
const both = [ptyHostProgram, runHostProgram];

beforeEach(() => {
  // Each compiles its code anew.
  vi.stubEnv('NODE_COMPILE_CACHE', '');
  stateDirectory = mkdtempSync(join(tmpdir(), 'navis-launch-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(stateDirectory, { recursive: true, force: true });
});

const processes = ({ service }: HostProgram) => {
  const { name, value } = hostMarker(stateDirectory, service);
  return processesOf({ leader: unknownLeader, marker: `${name}=${value}` });
};
const running = async (program: HostProgram): Promise<number[]> => (await processes(program)).map(({ pid }) => pid);
const files = ({ service }: HostProgram): string[] =>
  readdirSync(hostsDirectory(stateDirectory)).filter((name) => name !== 'token' && name !== `${service}-code`);
const settings = (runDirectory: string) => ({
  stateDirectory,
  runDirectory,
  bootId: 'b_test',
  buildId: 'test',
  retainBytes: 1 << 20,
  lonelyMs: 60_000,
});

test.each(both)('a $service that cannot serve says why at once, and nothing of it stays', async (program) => {
  const file = join(stateDirectory, 'no-directory');
  writeFileSync(file, '');
  const { signal } = new AbortController();
  const launch = launchHost({ program, settings: settings(join(file, 'sockets')), signal });
  await expect(launch).rejects.toMatchObject({
    code: 'HOST_UNAVAILABLE',
    message: expect.stringContaining('it ended at once'),
    details: { log: expect.stringContaining('ENOTDIR') },
  });
  expect(await running(program)).toEqual([]);
  expect(files(program)).toEqual([]);
});

test.each(both)('I12: a $service that is being started when its hub stops is ended at any moment', async (program) => {
  for (const waitMs of [0, 30, 100, 200, 300]) {
    const leaving = new AbortController();
    const launch = launchHost({ program, settings: settings(stateDirectory), signal: leaving.signal });
    const outcome = launch.then(({ pid }) => process.kill(pid, 'SIGKILL'), String);
    await delay(waitMs);
    leaving.abort();
    await outcome;
    await expect.poll(() => running(program), { timeout: 25_000 }).toEqual([]);
  }
});

test('I12: a host whose hub was killed while it started ends by itself', async () => {
  const hub = await startHubProcess(stateDirectory);
  void hub.ask(openRequest('sleep 60')).catch(() => undefined);
  // The one that only compiles is in the session of the hub.
  const isBegun = async () => (await processes(ptyHostProgram)).some(({ pid, session }) => pid === session);
  await expect.poll(isBegun, { timeout: 25_000, interval: 5 }).toBe(true);
  hub.process.kill('SIGKILL');
  await expect.poll(() => running(ptyHostProgram), { timeout: 25_000 }).toEqual([]);
});

test('I12: a program that has nothing else to do waits until what it called off has ended', async () => {
  const program = fileURLToPath(new URL('./launch-host-process.fixture.ts', import.meta.url));
  const words = [program, JSON.stringify(settings(stateDirectory))];
  // Otherwise it ends with 13: nothing was left that could have settled what it awaits.
  expect((await promisify(execFile)(process.execPath, words)).stdout).toBe('all are over\n');
  await expect.poll(() => running(ptyHostProgram)).toEqual([]);
});
