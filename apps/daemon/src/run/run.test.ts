/** What a hub needs to be the only one, to be found, to record what happens, and to stop (I5, I12, I17). */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSqliteStore } from '@navisai/store';
import { expect, test } from 'vitest';
import { acquireProcessLock } from '@navisai/service';
import { breakStore, newTestHome, startHubBench } from '../hub-bench.fixture.ts';
import { openHostDevice } from './host-device.ts';
import { openIdentity } from './identity.ts';

test('one hub per home: a second lock is refused, and the next one works', () => {
  using home = newTestHome();
  const file = join(home.path, 'hub.lock');
  const first = acquireProcessLock(file, 'taken');
  expect(() => acquireProcessLock(file, 'taken')).toThrow(expect.objectContaining({ code: 'CONFLICT' }));
  first[Symbol.dispose]();
  using second = acquireProcessLock(file, 'taken');
  expect(second).toBeDefined();
});

test('one hub per home: a second hub is refused and harms nothing', async () => {
  await using bench = await startHubBench();
  await expect(startHubBench({ home: bench.home })).rejects.toMatchObject({ code: 'CONFLICT' });
  expect((await bench.call('GET', '/whoami')).status).toBe(200);
});

test('I5: the running hub tells where it is, privately, and removes that when it stops', async () => {
  await using bench = await startHubBench();
  const file = join(bench.home, 'run', 'daemon.json');
  const told: unknown = JSON.parse(readFileSync(file, 'utf8'));
  expect(told).toMatchObject({
    pid: process.pid,
    port: bench.port,
    version: '0.0.0',
    origin: `https://localhost:${bench.port}`,
  });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await bench.hub.stop({ keep: true });
  expect(statSync(file, { throwIfNoEntry: false })).toBeUndefined();
});

test('I5, I17: where no file can be made, what a killed hub left is written over, so that the hub is found', async () => {
  await using bench = await startHubBench({
    prepare: (home) => {
      mkdirSync(join(home, 'run'), { recursive: true });
      writeFileSync(join(home, 'run', 'daemon.json'), JSON.stringify({ pid: 1, port: 1, left: 'x'.repeat(1000) }));
      // In the way of the new file, as a full disk is.
      mkdirSync(join(home, 'run', `daemon.json.${process.pid}.new`));
    },
  });
  const told: unknown = JSON.parse(readFileSync(join(bench.home, 'run', 'daemon.json'), 'utf8'));
  expect(told).toMatchObject({ pid: process.pid, port: bench.port });
});

test('the identity is made once; one that cannot be read is an error, not a new identity', () => {
  using home = newTestHome();
  const file = join(home.path, 'identity.json');
  const { publicText } = openIdentity(file);
  expect(openIdentity(file).publicText).toBe(publicText);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  writeFileSync(file, '{"privateKey":');
  expect(() => openIdentity(file)).toThrow();
});

test("I14: the host's own device is kept, and made anew when its file is damaged, of another hub, or gone", () => {
  using home = newTestHome();
  const facts = {
    path: join(home.path, 'host-device.json'),
    hubId: 'hub',
    caFile: '/ca.crt',
    now: new Date().toISOString(),
  };
  const first = openHostDevice(facts);
  expect(statSync(facts.path).mode & 0o777).toBe(0o600);
  expect(openHostDevice(facts).device.id).toBe(first.device.id);
  expect(openHostDevice({ ...facts, caFile: '/other.crt' }).device.id).toBe(first.device.id);
  expect(openHostDevice({ ...facts, hubId: 'other' }).device.id).not.toBe(first.device.id);
  writeFileSync(facts.path, '{}');
  expect(openHostDevice(facts).device.id).not.toBe(first.device.id);
});

test('I14: a lost host device is replaced at the next start, and the old one is revoked', async () => {
  await using first = await startHubBench();
  const lost = first.host;
  await first.hub.stop({ keep: true });
  await using second = await startHubBench({
    home: first.home,
    prepare: (home) => writeFileSync(join(home, 'host-device.json'), ''),
  });
  expect(second.host.deviceId).not.toBe(lost.deviceId);
  expect((await second.call('GET', '/whoami')).status).toBe(200);
  expect((await second.send({ path: '/whoami', signer: lost })).status).toBe(401);
  const { devices } = (await second.call('GET', '/devices')).body as {
    devices: { id: string; revokedAt: string | null }[];
  };
  expect(devices.find(({ id }) => id === lost.deviceId)?.revokedAt).not.toBeNull();
});

test('I17: a damaged store that is replaced is opened while the hub runs, and everything works again', async () => {
  await using bench = await startHubBench({ prepare: breakStore });
  expect((await bench.call('GET', '/sessions')).status).toBe(503);
  const { rmSync } = await import('node:fs');
  rmSync(join(bench.home, 'store'), { recursive: true });
  await expect.poll(async () => (await bench.send({ path: '/status' })).body.status, { timeout: 5000 }).toBe('ok');
  expect((await bench.call('POST', '/sessions', {})).status).toBe(200);
});

test('I8: the generation stays across restarts and changes with the store', async () => {
  await using first = await startHubBench();
  const { generation } = (await first.send({ path: '/status' })).body;
  await first.hub.stop({ keep: true });
  await using store = await openSqliteStore({ file: join(first.home, 'store', 'navis.db') });
  expect(store.generation).toBe(generation);
});

test('I12: stopping tells those who listen, ends the terminals unless they are kept, and happens once', async () => {
  await using bench = await startHubBench();
  let shutdowns = 0;
  let told = '';
  bench.machine.shutdown = async () => {
    shutdowns += 1;
  };
  bench.hub.services.hub.onStopping(() => (told = bench.hub.services.hub.status().status));
  const answer = await bench.call('POST', '/shutdown', {});
  expect(answer).toMatchObject({ status: 200, body: { stopping: true, terminals: [] } });
  await bench.hub.stop({ keep: true });
  await bench.hub.stopped;
  expect({ shutdowns, told }).toEqual({ shutdowns: 1, told: 'stopping' });
  await expect(bench.send({ path: '/status' })).rejects.toThrow();
});

test('I12: a machine that does not end its terminals in time does not keep the hub', async () => {
  await using bench = await startHubBench();
  bench.machine.shutdown = () => Promise.reject(new Error('no'));
  await bench.hub.stop({ keep: false });
  await bench.hub.stopped;
});
