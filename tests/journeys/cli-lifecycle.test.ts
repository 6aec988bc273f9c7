import { createServer } from 'node:net';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTestHome, findMarked, until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { cli, cliJson, type CliPlace } from './cli-process.fixture.ts';

interface Up {
  running: boolean;
  started: boolean;
  origin: string;
  pid: number;
}
interface Terminal {
  name: string;
  pid: number;
  status: string;
}

const up = (place: CliPlace, ...words: string[]): Promise<Up> => cliJson(place, ['up', ...words]);
const terminals = async (place: CliPlace): Promise<Terminal[]> =>
  (await cliJson<{ terminals: Terminal[] }>(place, ['terminal', 'list'])).terminals;
const openSleeper = (place: CliPlace, name: string) => cliJson(place, ['terminal', 'open', name, '--', 'sleep', '600']);
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
};

test('I12, I5: up starts the hub, a second up says it runs, every command finds its port, down leaves nothing behind', async () => {
  await using place = await createTestHome();
  const started = await up(place, '--port=0');
  expect(started).toMatchObject({ running: true, started: true });
  expect(await up(place)).toMatchObject({ running: true, started: false, pid: started.pid, origin: started.origin });
  const status = await cliJson<Record<string, unknown>>(place, ['status']);
  expect(status).toMatchObject({ running: true, state: 'ok', pid: started.pid, pairing: 'UNPAIRED' });
  await openSleeper(place, 'web');
  const [terminal] = await terminals(place);
  expect(terminal).toMatchObject({ name: 'web', status: 'busy' });
  const { exitCode, stdout } = await cli(place, ['down']);
  expect(exitCode).toBe(0);
  expect(stdout).toContain('web');
  await until('nothing is left', async () => (await findMarked(place.mark)).length === 0);
  expect((await cli(place, ['status'])).exitCode).toBe(3);
  expect(await cli(place, ['down'])).toMatchObject({ exitCode: 0, stdout: 'The hub was not running.\n' });
});

test('T18, I12: restart and down --keep leave every terminal running, with the same process', async () => {
  await using place = await createTestHome();
  const first = await up(place, '--port=0');
  await openSleeper(place, 'web');
  const before = await terminals(place);
  const restarted = await cliJson<Up>(place, ['restart']);
  expect(restarted.origin).toBe(first.origin);
  expect(restarted.pid).not.toBe(first.pid);
  expect((await terminals(place))[0]).toMatchObject({ pid: before[0]?.pid, status: 'busy' });
  expect((await cli(place, ['down', '--keep'])).stdout).toContain('web');
  expect(isAlive(before[0]?.pid ?? 0)).toBe(true);
  await up(place, '--port=0');
  expect((await terminals(place))[0]).toMatchObject({ pid: before[0]?.pid, status: 'busy' });
  await cliJson(place, ['down']);
});

test('I12: status, logs and down work with a dead hub; its terminals are ended', async () => {
  await using place = await createTestHome();
  const { pid } = await up(place, '--port=0');
  await openSleeper(place, 'web');
  const [terminal] = await terminals(place);
  process.kill(pid, 'SIGKILL');
  await until('the hub is dead', () => !isAlive(pid));
  expect(await cli(place, ['status', '--json'])).toMatchObject({ exitCode: 3 });
  expect((await cli(place, ['logs', '--tail', '5'])).exitCode).toBe(0);
  expect(await cli(place, ['terminal', 'list'])).toMatchObject({ exitCode: 3, stdout: '' });
  expect(isAlive(terminal?.pid ?? 0)).toBe(true);
  expect((await cli(place, ['down'])).exitCode).toBe(0);
  expect(isAlive(terminal?.pid ?? 0)).toBe(false);
});

test('I12: a hung hub is told apart, restarted with its terminals, and taken down', async () => {
  await using place = await createTestHome();
  const { pid } = await up(place, '--port=0');
  await openSleeper(place, 'web');
  const [terminal] = await terminals(place);
  process.kill(pid, 'SIGSTOP');
  const status = await cli(place, ['status']);
  expect(status.exitCode).toBe(3);
  expect(status.stdout).toContain('does not answer');
  expect((await cli(place, ['up'])).stderr).toContain('navisai restart');
  const { pid: second } = await cliJson<Up>(place, ['restart']);
  expect((await terminals(place))[0]).toMatchObject({ pid: terminal?.pid, status: 'busy' });
  process.kill(second, 'SIGSTOP');
  expect((await cli(place, ['down'])).exitCode).toBe(0);
  expect(isAlive(terminal?.pid ?? 0)).toBe(false);
});

test('I5: a taken port and a bad configuration are clear errors, and nothing is started', async () => {
  await using place = await createTestHome();
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const taken = await cli(place, ['up', `--port=${port}`]);
  server.close();
  expect(taken.exitCode).not.toBe(0);
  expect(taken.stderr).toContain('port');
  for (const [content, message] of [
    ['{', 'JSON'],
    ['{"port":"x"}', 'port'],
    ['{"porrt":1}', 'porrt'],
    ['[]', 'JSON object'],
  ] as const) {
    mkdirSync(place.home, { recursive: true });
    writeFileSync(join(place.home, 'config.json'), content);
    const { exitCode, stderr } = await cli(place, ['up']);
    expect(exitCode, content).not.toBe(0);
    expect(stderr, content).toContain(message);
    expect(stderr, content).not.toContain('    at ');
  }
  expect((await cli(place, ['down'])).exitCode).toBe(2);
  rmSync(join(place.home, 'config.json'));
  expect((await cli(place, ['down'])).exitCode).toBe(0);
  expect(await findMarked(place.mark)).toEqual([]);
});

test('I5: the port of the configuration is used, and --port beats it', async () => {
  await using place = await createTestHome();
  mkdirSync(place.home, { recursive: true });
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  server.close();
  await once(server, 'close');
  writeFileSync(join(place.home, 'config.json'), JSON.stringify({ port }));
  expect((await up(place)).origin).toContain(`:${port}`);
  expect((await cli(place, ['up', '--port=1'])).stderr).toContain(`already runs, on port ${port}`);
  await cliJson(place, ['down']);
  expect((await up(place, '--port=0')).origin).not.toContain(`:${port}`);
  await cliJson(place, ['down']);
});

test('issue 2: reset asks, removes the state, keeps the configuration and the certificates', async () => {
  await using place = await createTestHome();
  await up(place, '--port=0');
  await openSleeper(place, 'web');
  expect((await cli(place, ['reset'])).exitCode).toBe(2);
  const authority = readFileSync(join(place.home, 'certs', 'navis.local-ca.crt'), 'utf8');
  writeFileSync(join(place.home, 'config.json'), '{}');
  const { left } = await cliJson<{ left: string[] }>(place, ['reset', '--yes']);
  expect(left.toSorted()).toEqual(['certs', 'config.json']);
  expect(await findMarked(place.mark)).toEqual([]);
  await up(place, '--port=0');
  expect(await terminals(place)).toEqual([]);
  expect(readFileSync(join(place.home, 'certs', 'navis.local-ca.crt'), 'utf8')).toBe(authority);
  expect((await cli(place, ['reset', '--yes', '--trust'])).exitCode).toBe(0);
  expect(existsSync(join(place.home, 'certs'))).toBe(false);
});
