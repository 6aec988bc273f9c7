/** Files between machines in the CLI, and the two ends of having them: a CLI that is no node, and a machine that is reset (I12, N2). */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readHostDevice } from '@navisai/client/node';
import { createTestHome, startHub, startNode, until, type TestHub, type TestNode } from '@navisai/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli, cliFile, cliJson } from './cli-process.fixture.ts';
import { isAlive } from './processes.fixture.ts';

let hub: TestHub;
let web: TestNode;
let db: TestNode;
const cleanUp = new AsyncDisposableStack();
beforeAll(async () => {
  hub = cleanUp.use(await startHub());
  web = cleanUp.use(await startNode(hub, { name: 'web-1' }));
  db = cleanUp.use(await startNode(hub, { name: 'db' }));
});
afterAll(() => cleanUp.disposeAsync());

const onDisk = (node: TestNode, name: string): string => join(node.userHome, name);
const bytes = (count: number): Buffer => Buffer.from(Array.from({ length: count }, (_, index) => (index * 7919) % 251));

test('I12: cp copies to a node, from it, and between two', async () => {
  const content = bytes(3_000_000);
  writeFileSync(join(hub.userHome, 'there.bin'), content);
  const copy = (...words: string[]) => cli(hub, ['cp', ...words]);
  expect(await copy('there.bin', 'web-1:')).toMatchObject({ exitCode: 0, stderr: '' });
  expect(readFileSync(onDisk(web, 'there.bin')).equals(content)).toBe(true);
  expect((await copy('web-1:there.bin', 'db:other.bin')).exitCode).toBe(0);
  expect(readFileSync(onDisk(db, 'other.bin')).equals(content)).toBe(true);
  expect((await copy('db:other.bin', 'back.bin')).exitCode).toBe(0);
  expect(readFileSync(join(hub.userHome, 'back.bin')).equals(content)).toBe(true);
  expect((await copy('-n', 'db:other.bin', 'back.bin')).exitCode).toBe(6);
  expect(await copy('web-1:missing', 'db:x')).toMatchObject({
    exitCode: 5,
    stderr: expect.stringContaining('missing'),
  });
  expect((await copy('nowhere:x', 'y')).exitCode).toBe(5);
});

test('I12: cp -r copies a directory on one node; between two it says what to do instead', async () => {
  await cli(hub, ['run', '--node', 'db', '--', 'mkdir -p tree/deep && echo x > tree/deep/file']);
  expect((await cli(hub, ['cp', '-r', 'db:tree', 'db:copy'])).exitCode).toBe(0);
  expect(readFileSync(join(onDisk(db, 'copy'), 'deep', 'file'), 'utf8')).toBe('x\n');
  const refused = await cli(hub, ['cp', '-r', 'db:tree', 'web-1:tree']);
  expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('tar czf') });
  expect(existsSync(onDisk(web, 'tree'))).toBe(false);
});

test('I12: a CLI that uses a hub elsewhere fetches files of any size, sends small ones, and runs in homes', async () => {
  await using place = await createTestHome();
  const { deviceId, privateKey, publicKey, hubId, caFile } = await readHostDevice(hub.home);
  const known = {
    name: 'far',
    origin: hub.origin,
    hubId,
    deviceId,
    privateKey,
    publicKey,
    ca: readFileSync(caFile, 'utf8'),
  };
  mkdirSync(place.home, { mode: 0o700 });
  writeFileSync(join(place.home, 'hubs.json'), JSON.stringify({ default: 'far', hubs: [known] }), { mode: 0o600 });
  const here = (...words: string[]) => cli(place, words);
  const local = (name: string): string => join(place.userHome, name);

  writeFileSync(onDisk(web, 'far.bin'), bytes(900_000));
  expect(await here('cp', 'web-1:far.bin', '.')).toMatchObject({ exitCode: 0, stderr: '' });
  expect(readFileSync(local('far.bin')).equals(bytes(900_000))).toBe(true);
  expect((await here('cp', 'far.bin', 'db:sent.bin')).exitCode).toBe(0);
  expect(readFileSync(onDisk(db, 'sent.bin')).equals(bytes(900_000))).toBe(true);
  expect((await here('cp', '-n', 'far.bin', 'db:sent.bin')).exitCode).toBe(6);
  expect((await here('cp', '-n', 'web-1:far.bin', 'far.bin')).exitCode).toBe(6);

  writeFileSync(local('large.bin'), bytes(1_100_000));
  expect(await here('cp', 'large.bin', 'db:')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('nodes add'),
  });
  expect((await here('cp', 'missing', 'db:')).stderr).toContain('missing');
  expect((await here('cp', 'web-1:missing', 'x')).exitCode).toBe(5);
  expect((await here('cp', 'a', 'b')).exitCode).toBe(2);
  expect(existsSync(local('x'))).toBe(false);

  expect((await here('run', '--', 'pwd')).stdout).toBe(`${hub.userHome}\n`);
  expect((await here('run', '--node', 'db', '--', 'pwd')).stdout).toBe(`${db.userHome}\n`);
});

test('I12, N2: reset of a machine that is a node leaves its hub, ends its terminals, and keeps what its owner wrote', async () => {
  await using place = await createTestHome();
  const { key } = await cliJson<{ key: string }>(hub, ['nodes', 'add', 'short']);
  mkdirSync(join(place.home, 'node'), { recursive: true, mode: 0o700 });
  writeFileSync(join(place.home, 'node', '.env'), `NODE_API_KEY=${key}\n`, { mode: 0o600 });
  const node = spawn(process.execPath, [cliFile, 'node', 'join', hub.origin], {
    env: place.environment(),
    stdio: 'ignore',
  });
  await until('it is online', async () => (await hub.host.api.node({ params: { id: 'short' } })).state === 'online');
  await cli(hub, ['terminal', 'open', 'stays', '--node', 'short', '--', 'echo $$ > pid; exec sleep 1000']);
  const pidFile = join(place.userHome, 'pid');
  await until('it runs', () => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '');
  expect((await cli(place, ['reset'])).exitCode).toBe(2);
  expect(await cli(place, ['reset', '--yes'])).toMatchObject({ exitCode: 0 });
  await until('the node has ended', () => node.exitCode !== null);
  expect(await isAlive(Number(readFileSync(pidFile, 'utf8')))).toBe(false);
  expect(existsSync(join(place.home, 'node', 'key'))).toBe(false);
  expect(existsSync(join(place.home, 'node', '.env'))).toBe(true);
  await cli(hub, ['nodes', 'remove', 'short', '--yes']);
});
