import { createDeviceKey } from '@navisai/client';
import { connectNode } from '@navisai/client/node';
import { pairingShortCode } from '@navisai/protocol';
import { startHub, until, type TestHub } from '@navisai/testkit';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli, cliJson, openWindow } from './cli-process.fixture.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub[Symbol.asyncDispose]());

/** A device that knows the link and asks to come in. */
const knock = async (token: string, name: string) => {
  const ca = readFileSync(join(hub.home, 'certs', 'navis.local-ca.crt'), 'utf8');
  const { api } = await connectNode({ origin: hub.origin, ca });
  const { publicKey } = await createDeviceKey();
  const asked = await api.pairingRequest({ body: { token, name, kind: 'browser', publicKey } });
  const { hubId } = await api.status();
  return { api, ...asked, expectedCode: await pairingShortCode({ hubId, token, publicKey }) };
};

test('I14: pair shows link and QR code, then who knocks with the short code, and lets in after y', async () => {
  await using window = openWindow(hub, ['pair', '--scope', 'operator'], { columns: 100, rows: 60 });
  await window.shows('Waiting for the device');
  const token = /\/pair#([A-Za-z0-9_-]{22})/.exec(window.screen().join('\n'))?.[1] ?? '';
  const device = await knock(token, 'Phone \x1b[31m');
  expect(device.shortCode).toBe(device.expectedCode);
  await window.shows(device.shortCode);
  await window.shows('Phone \\x1b[31m');
  await window.shows('[y/N]');
  window.type('y\r');
  expect(await window.ended()).toBe(0);
  await window.shows('is paired');
  expect(await device.api.pairingStatus({ body: { pairingId: device.pairingId } })).toMatchObject({
    state: 'approved',
    device: { scope: 'operator' },
  });
});

test('I14: anything but y keeps it out', async () => {
  await using window = openWindow(hub, ['pair'], { columns: 100, rows: 60 });
  await window.shows('Waiting for the device');
  const token = /\/pair#([A-Za-z0-9_-]{22})/.exec(window.screen().join('\n'))?.[1] ?? '';
  const device = await knock(token, 'Stranger');
  await window.shows('[y/N]');
  window.type('\r');
  expect(await window.ended()).toBe(1);
  expect(await device.api.pairingStatus({ body: { pairingId: device.pairingId } })).toMatchObject({
    state: 'rejected',
  });
});

test('I14: Ctrl-C makes the link void', async () => {
  await using window = openWindow(hub, ['pair'], { columns: 100, rows: 60 });
  await window.shows('Waiting for the device');
  const token = /\/pair#([A-Za-z0-9_-]{22})/.exec(window.screen().join('\n'))?.[1] ?? '';
  window.type('\x03');
  expect(await window.ended()).toBe(130);
  await expect(knock(token, 'Late')).rejects.toMatchObject({ code: 'FORBIDDEN' });
});

test('I14: scripts get the link as JSON, decide with approvals, and revoke', async () => {
  const link = await cliJson<{ url: string; token: string }>(hub, ['pair']);
  expect(link.url).toContain(`#${link.token}`);
  const device = await knock(link.token, 'Laptop');
  const { approvals } = await cliJson<{ approvals: { id: string }[] }>(hub, ['approvals']);
  const id = approvals[0]?.id ?? '';
  expect((await cli(hub, ['approvals', 'show', id])).stdout).toContain(device.shortCode);
  expect((await cli(hub, ['approvals', 'approve', id, '--scope', 'viewer'])).exitCode).toBe(0);
  expect((await cli(hub, ['approvals', 'approve', id])).exitCode).toBe(6);
  const { devices } = await cliJson<{ devices: { id: string; name: string; scope: string }[] }>(hub, ['devices']);
  const laptop = devices.find(({ name }) => name === 'Laptop');
  expect(laptop).toMatchObject({ scope: 'viewer' });
  expect((await cli(hub, ['devices', 'revoke', laptop?.id ?? ''])).exitCode).toBe(0);
  expect((await cli(hub, ['devices', 'revoke', 'd_doesnotexist'])).exitCode).toBe(5);
  await until('it is gone from the list', async () => !(await cli(hub, ['devices'])).stdout.includes('Laptop'));
});
