/** Pairing from the link to the device, and everything that must not work (I14). */
import { pairingShortCode } from '@navisai/protocol';
import { expect, test } from 'vitest';
import { type HubBench, type RawAnswer, startHubBench } from '../../hub-bench.fixture.ts';
import { type KeyPair, newKeyPair } from '../../run/identity.ts';

const openLink = async (bench: HubBench, scope?: string): Promise<string> => {
  const { status, body } = await bench.call('POST', '/pairings', scope === undefined ? {} : { scope });
  expect(status).toBe(200);
  const url = new URL(String(body.url));
  // Nothing secret is in what travels to a server (I13).
  expect(url.hash).toBe(`#${String(body.token)}`);
  expect(url.pathname + url.search).toBe('/pair');
  return String(body.token);
};

const ask = (
  bench: HubBench,
  request: { token: string; pair: KeyPair; name?: string; scope?: string; path?: string },
): Promise<RawAnswer> => {
  const { token, pair, name = 'Phone', scope, path = '/pairing/request' } = request;
  const json = { token, name, kind: 'browser', publicKey: pair.publicText, ...(scope === undefined ? {} : { scope }) };
  return bench.send({ method: 'POST', path, json });
};

const pendingId = async (bench: HubBench): Promise<string> => {
  const { body } = await bench.call('GET', '/approvals/pending');
  return (body.approvals as { id: string }[])[0]?.id ?? '';
};

const statusOf = async (bench: HubBench, answer: RawAnswer) =>
  (await bench.send({ method: 'POST', path: '/pairing/status', json: { pairingId: answer.body.pairingId } })).body;

const stateOf = async (bench: HubBench): Promise<unknown> => (await bench.send({ path: '/status' })).body.pairing;

test('I14: link, request, the same code on both sides, approval, device', async () => {
  await using bench = await startHubBench();
  const pair = newKeyPair();
  expect(await stateOf(bench)).toBe('UNPAIRED');
  const token = await openLink(bench);
  expect(await stateOf(bench)).toBe('DISCOVERABLE');
  const asked = await ask(bench, { token, pair, name: 'Phone' });
  expect(asked.status).toBe(200);
  expect(asked.body.shortCode).toBe(await pairingShortCode({ hubId: bench.hubId, token, publicKey: pair.publicText }));
  expect(await stateOf(bench)).toBe('PAIRING_PENDING');
  const { body } = await bench.call('GET', '/approvals/pending');
  expect(body.approvals).toMatchObject([
    {
      kind: 'pairing',
      state: 'pending',
      detail: { deviceName: 'Phone', shortCode: asked.body.shortCode, requestedScope: 'admin' },
    },
  ]);
  expect(await statusOf(bench, asked)).toEqual({ state: 'pending' });
  const approved = await bench.call('POST', `/approvals/${await pendingId(bench)}/approve`, {});
  expect(approved).toMatchObject({ status: 200, body: { state: 'approved', decidedBy: bench.host.deviceId } });
  const { state, device } = (await statusOf(bench, asked)) as { state?: string; device?: { id: string } };
  expect({ state, device }).toMatchObject({
    state: 'approved',
    device: { name: 'Phone', scope: 'admin', kind: 'browser' },
  });
  const signer = { deviceId: device?.id ?? '', key: pair.privateKey };
  expect(await bench.send({ path: '/whoami', signer })).toMatchObject({ status: 200, body: { name: 'Phone' } });
  expect(await stateOf(bench)).toBe('PAIRED');
});

test('I14: /pairing/start is /pairing/request', async () => {
  await using bench = await startHubBench();
  const token = await openLink(bench);
  expect(await ask(bench, { token, pair: newKeyPair(), path: '/pairing/start' })).toMatchObject({ status: 200 });
});

test('I14: a client that asks again because its answer was lost gets the same answer; another one gets 409', async () => {
  await using bench = await startHubBench();
  const [first, other] = [newKeyPair(), newKeyPair()];
  const token = await openLink(bench);
  const asked = await ask(bench, { token, pair: first });
  expect((await ask(bench, { token, pair: first })).body).toEqual(asked.body);
  expect(await ask(bench, { token, pair: other })).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
  const second = await openLink(bench);
  expect(await ask(bench, { token: second, pair: other })).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
  await bench.call('POST', `/approvals/${await pendingId(bench)}/reject`);
  expect(await ask(bench, { token: second, pair: other })).toMatchObject({ status: 200 });
});

test('I14: a rejected client is no device, and its link is used up', async () => {
  await using bench = await startHubBench();
  const pair = newKeyPair();
  const token = await openLink(bench);
  const asked = await ask(bench, { token, pair });
  const id = await pendingId(bench);
  expect(await bench.call('POST', `/approvals/${id}/reject`)).toMatchObject({ body: { state: 'rejected' } });
  expect(await statusOf(bench, asked)).toEqual({ state: 'rejected' });
  expect(await bench.call('POST', `/approvals/${id}/approve`, {})).toMatchObject({
    status: 409,
    body: { state: 'rejected' },
  });
  expect((await ask(bench, { token, pair: newKeyPair() })).status).toBe(409);
  expect(await stateOf(bench)).toBe('UNPAIRED');
  expect(((await bench.call('GET', '/devices')).body.devices as unknown[]).length).toBe(1);
});

test('I14: of an approval and a rejection at once one wins', async () => {
  await using bench = await startHubBench();
  const token = await openLink(bench);
  const asked = await ask(bench, { token, pair: newKeyPair() });
  const id = await pendingId(bench);
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      bench.call('POST', `/approvals/${id}/${index % 2 === 0 ? 'approve' : 'reject'}`),
    ),
  );
  const statuses = answers.map(({ status }) => status).toSorted();
  expect(statuses).toEqual([200, ...Array.from({ length: 9 }, () => 409)]);
  const won = answers.find(({ status }) => status === 200)?.body.state;
  expect((await statusOf(bench, asked)).state).toBe(won);
});

test('I14: a new link, or closing it, voids the one before; wrong tokens are refused', async () => {
  await using bench = await startHubBench();
  const first = await openLink(bench);
  const second = await openLink(bench);
  expect(await ask(bench, { token: first, pair: newKeyPair() })).toMatchObject({
    status: 403,
    body: { code: 'FORBIDDEN' },
  });
  expect((await bench.call('DELETE', '/pairings')).status).toBe(204);
  expect((await ask(bench, { token: second, pair: newKeyPair() })).status).toBe(403);
  expect((await ask(bench, { token: 'A'.repeat(22), pair: newKeyPair() })).status).toBe(403);
  expect(await stateOf(bench)).toBe('UNPAIRED');
});

test('I14: many wrong tokens pause pairing for everyone, and the state says so', async () => {
  await using bench = await startHubBench();
  const token = await openLink(bench);
  for (let index = 0; index < 20; index += 1) await ask(bench, { token: 'A'.repeat(22), pair: newKeyPair() });
  expect(await stateOf(bench)).toBe('PAUSING_DISCOVERY');
  const refused = await ask(bench, { token, pair: newKeyPair() });
  expect(refused).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } });
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
});

test('I14: a device is never wider than its link, its own wish and what the person grants', async () => {
  await using bench = await startHubBench();
  const cases = [
    { link: 'operator', wish: 'admin', grant: undefined, scope: 'operator' },
    { link: 'admin', wish: 'viewer', grant: undefined, scope: 'viewer' },
    { link: undefined, wish: undefined, grant: 'viewer', scope: 'viewer' },
    { link: 'viewer', wish: undefined, grant: 'admin', scope: 'viewer' },
  ];
  for (const { link, wish, grant, scope } of cases) {
    const pair = newKeyPair();
    const token = await openLink(bench, link);
    const asked = await ask(bench, { token, pair, ...(wish === undefined ? {} : { scope: wish }) });
    await bench.call(
      'POST',
      `/approvals/${await pendingId(bench)}/approve`,
      grant === undefined ? {} : { scope: grant },
    );
    const { device } = (await statusOf(bench, asked)) as { device?: { scope: string } };
    expect(device?.scope).toBe(scope);
  }
});

test('I14: a key that is paired already, and keys that are none, are refused', async () => {
  await using bench = await startHubBench();
  const { pair } = await bench.addDevice('viewer');
  const token = await openLink(bench);
  expect((await ask(bench, { token, pair })).status).toBe(409);
  const publicKey = `${'A'.repeat(42)}B`;
  const notAKey = await ask(bench, { token, pair: { ...pair, publicText: publicKey } });
  expect([200, 400]).toContain(notAKey.status);
});

test('I14: revoking a device refuses it at once and tells it to those who listen', async () => {
  await using bench = await startHubBench();
  const device = await bench.addDevice('operator');
  const revoked: string[] = [];
  bench.hub.services.hub.onDeviceRevoked((id) => revoked.push(id));
  expect((await bench.send({ path: '/whoami', signer: device })).status).toBe(200);
  const answer = await bench.call('POST', `/devices/${device.deviceId}/revoke`);
  expect(answer).toMatchObject({ status: 200, body: { id: device.deviceId, revokedAt: expect.any(String) } });
  expect(revoked).toEqual([device.deviceId]);
  expect(await bench.send({ path: '/whoami', signer: device })).toMatchObject({
    status: 401,
    body: { code: 'UNAUTHORIZED' },
  });
  expect((await bench.call('POST', `/devices/${device.deviceId}/revoke`)).status).toBe(200);
  expect((await bench.call('POST', '/devices/d_nobody/revoke')).status).toBe(404);
  expect((await bench.call('POST', `/devices/${bench.host.deviceId}/revoke`)).status).toBe(409);
});

test('I14, I8: what happens in pairing is told on the stream "hub", with seq', async () => {
  await using bench = await startHubBench();
  const token = await openLink(bench);
  await ask(bench, { token, pair: newKeyPair() });
  await bench.call('POST', `/approvals/${await pendingId(bench)}/approve`, {});
  const { body } = await bench.call('GET', '/events');
  const events = body.events as { type: string; data: { seq: number } }[];
  expect(events.map(({ type }) => type)).toEqual([
    'device.updated',
    'approval.request',
    'approval.updated',
    'device.updated',
  ]);
  expect(events.map(({ data }) => data.seq)).toEqual([1, 2, 3, 4]);
  expect(body.seq).toBe(4);
});

test('I14: pending approvals and devices survive a restart', async () => {
  await using first = await startHubBench();
  const pair = newKeyPair();
  const token = await openLink(first);
  const asked = await ask(first, { token, pair });
  await first.hub.stop({ keep: true });
  await using second = await startHubBench({ home: first.home });
  expect(second.host.deviceId).toBe(first.host.deviceId);
  expect(await stateOf(second)).toBe('PAIRING_PENDING');
  await second.call('POST', `/approvals/${await pendingId(second)}/approve`, {});
  const { device } = (await statusOf(second, asked)) as { device?: { id: string } };
  const signer = { deviceId: device?.id ?? '', key: pair.privateKey };
  expect((await second.send({ path: '/whoami', signer })).status).toBe(200);
});
