/** Notifications as a push service receives them: for whom, encrypted, bounded, and never to where they must not go. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Approval, type Device, newId, type Recall, type RecallRun, type Scope } from '@navisai/protocol';
import { until } from '@navisai/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createListeners } from '../../services/listeners.ts';
import { approvalEvent } from '../../services/approvals.ts';
import { openStore, silentLog } from '../recalls/recalls.fixture.ts';
import { systemClock } from '../recalls/system-clock.ts';
import { checkEndpoint, createPublicAddressRule } from './push-address.ts';
import { approvalMessage, encodeMessage, recallMessage } from './push-message.ts';
import { startPushService } from './push-service.fixture.ts';
import { Push } from './push.ts';
import { createPushSender } from './send-push.ts';
import { openVapidKey } from './vapid-key.ts';

const newDevice = (scope: Scope, userId = 'u_owner'): Device => ({
  id: newId('device'),
  name: 'phone',
  kind: 'browser',
  userId,
  scope,
  createdAt: '2026-01-01T00:00:00.000Z',
  lastSeenAt: null,
  revokedAt: null,
});

const common = (state: Approval['state'] = 'pending') => ({
  id: newId('approval'),
  state,
  title: 'Developer asks',
  createdAt: '2026-01-01T00:00:00.000Z',
  expiresAt: new Date(Date.now() + 600_000).toISOString(),
  decidedAt: null,
  decidedBy: null,
});

const pairing = (): Approval => ({
  ...common(),
  kind: 'pairing',
  detail: {
    pairingId: newId('pairing'),
    deviceName: 'tablet',
    deviceKind: 'browser',
    shortCode: '123 456',
    requestedScope: 'admin',
    peer: '::1',
  },
});

const call = (text = 'git push', facts: { userId?: string; state?: Approval['state'] } = {}): Approval => ({
  ...common(facts.state),
  kind: 'call',
  detail: {
    call: {
      callId: newId('call'),
      sessionId: newId('session'),
      userId: facts.userId ?? 'u_owner',
      nodeId: 'main',
      tool: 'terminal',
      arguments: { action: 'run', command: text },
    },
    runId: null,
    requester: { kind: 'agent', name: 'Developer' },
    summary: text.slice(0, 100),
    text,
    workingDirectory: '/work',
    nodeName: 'main',
    risk: 'network',
    reasons: [],
    decision: { decision: 'ask', rule: 'risk', reason: 'network', explanation: '', trace: [], programs: [] } as never,
    isUnmasked: false,
    proposed: null,
    needsOtherDevice: false,
  },
});

/** A hub's notifications with a push service that really is local, which only tests may have. */
const openPush = async ({ isLocalAllowed = true } = {}) => {
  const store = await openStore();
  const service = await startPushService();
  const known = new Map<string, Device>();
  const revoked = createListeners<string>();
  const isAllowedAddress = isLocalAllowed ? () => true : createPublicAddressRule();
  const vapidKey = openVapidKey(join(store.folder, 'push-key.json'));
  const push = new Push({
    ...store,
    clock: systemClock,
    log: silentLog,
    vapidKey,
    isAllowedAddress,
    send: createPushSender({ vapidKey, isAllowedAddress, ca: service.ca }),
    devices: {
      find: (id) => {
        const device = known.get(id);
        return device === undefined ? undefined : { device, key: undefined as never };
      },
      onRevoked: revoked.add,
    },
  });
  push.start();
  return {
    store,
    service,
    push,
    revoke: (id: string) => revoked.tell(id),
    tell: (type: 'approval.request' | 'approval.updated', approval: Approval) =>
      store.feed.append([approvalEvent(type, approval)]),
    async addDevice(scope: Scope, userId?: string) {
      const device = newDevice(scope, userId);
      known.set(device.id, device);
      const { subscription } = service.newBrowser();
      await push.subscribe(device, subscription);
      return { device, path: new URL(subscription.endpoint).pathname };
    },
    async [Symbol.asyncDispose]() {
      await push[Symbol.asyncDispose]();
      await service[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
};

test('A2: what waits for a decision reaches every device that may decide, encrypted, and no other', async () => {
  await using world = await openPush();
  const { service, tell, addDevice } = world;
  const admin = await addDevice('admin', 'u_other');
  const operator = await addDevice('operator');
  await addDevice('viewer');
  await addDevice('operator', 'u_stranger');
  const approval = call();
  await tell('approval.request', approval);
  await until('both are told', () => service.received.length === 2);
  expect(service.received.map(({ path }) => path).toSorted()).toEqual([admin.path, operator.path].toSorted());
  expect(service.received[0]?.message).toEqual({
    kind: 'approval',
    approvalId: approval.id,
    approvalKind: 'call',
    title: 'Developer on main',
    summary: 'git push\nin /work',
    risk: 'network',
    isWhole: true,
  });
  expect(service.received[0]?.headers).toMatchObject({ urgency: 'high', topic: approval.id });
  expect(Number(service.received[0]?.headers['ttl'])).toBeLessThanOrEqual(600);
  await tell('approval.request', pairing());
  await until('the admin is told', () => service.received.length === 3);
  expect(service.received[2]).toMatchObject({ path: admin.path, message: { approvalKind: 'pairing', isWhole: false } });
  expect(JSON.stringify(service.received[2]?.message)).not.toContain('123 456');
});

test('A2: when it was decided, devices that were asked are told, but not the one that decided', async () => {
  await using world = await openPush();
  const { service, tell, addDevice } = world;
  const [decider, other] = [await addDevice('admin'), await addDevice('admin')];
  const approval = call();
  await tell('approval.updated', { ...call(), state: 'approved' });
  await tell('approval.request', approval);
  await until('both are asked', () => service.received.length === 2);
  await tell('approval.updated', { ...approval, state: 'approved', decidedBy: decider.device.id });
  await until('one is told', () => service.received.length === 3);
  expect(service.received[2]).toMatchObject({
    path: other.path,
    message: { kind: 'settled', approvalId: approval.id, summary: 'Approved' },
  });
});

test('A2: a question that was withdrawn is told with its reason, one that ran out of time as not decided', async () => {
  await using world = await openPush();
  const { service, tell, addDevice } = world;
  await addDevice('admin');
  const told = async (comment: string | null): Promise<unknown> => {
    const before = service.received.length;
    const approval = call();
    await tell('approval.request', approval);
    await tell('approval.updated', { ...approval, state: 'expired', comment });
    await until('it is told', () => service.received.length === before + 2);
    return service.received.at(-1)?.message;
  };
  expect(await told('The call was stopped.')).toMatchObject({ kind: 'settled', summary: 'The call was stopped.' });
  expect(await told(null)).toMatchObject({ kind: 'settled', summary: 'Nobody decided in time' });
});

test('A2: a subscription that is gone is removed, whether the service says 404 or 410, or the device was revoked', async () => {
  await using world = await openPush();
  const { service, tell, addDevice, store, revoke } = world;
  await addDevice('admin');
  for (const status of [404, 410]) {
    await addDevice('admin');
    service.answers.push(status);
    await tell('approval.request', call());
    await until('it is removed', async () => (await store.keeper.store.read.push.list()).length === 1);
  }
  const [left] = await store.keeper.store.read.push.list();
  revoke(left?.deviceId ?? '');
  await until('it is removed', async () => (await store.keeper.store.read.push.list()).length === 0);
});

test('A2: a service that fails is tried again; one that refuses or redirects is not', async () => {
  await using world = await openPush();
  const { service, tell, addDevice, store } = world;
  await addDevice('admin');
  service.answers.push(503);
  await tell('approval.request', call());
  await until('it arrives', () => service.received.length === 1);
  expect(service.requests).toBe(2);
  service.answers.push(302, 400);
  await tell('approval.request', call());
  await tell('approval.request', call());
  await until('both were tried', () => service.requests === 4);
  await tell('approval.request', call());
  await until('the next arrives', () => service.received.length === 2);
  expect(service.requests).toBe(5);
  expect(await store.keeper.store.read.push.list()).toHaveLength(1);
});

test('A2: a name that leads to this host or its network is never connected to', async () => {
  await using world = await openPush({ isLocalAllowed: false });
  const { service, tell, addDevice } = world;
  await addDevice('admin');
  const { subscription } = service.newBrowser();
  const sender = createPushSender({
    vapidKey: openVapidKey(join(world.store.folder, 'other-key.json')),
    isAllowedAddress: createPublicAddressRule(),
    ca: service.ca,
  });
  const delivery = { subscription, payload: '{}', ttlSeconds: 60, topic: 'x' };
  expect(await sender(delivery)).toEqual({ kind: 'refused', reason: 'EREFUSED' });
  const literal = { ...subscription, endpoint: subscription.endpoint.replace('localhost', '127.0.0.1') };
  expect(await sender({ ...delivery, subscription: literal })).toEqual({ kind: 'refused', reason: 'INVALID_ARGUMENT' });
  await tell('approval.request', call());
  await world.push[Symbol.asyncDispose]();
  expect(service.requests).toBe(0);
});

test.each([
  'http://push.example/x',
  'https://127.0.0.1/x',
  'https://10.1.2.3/x',
  'https://172.31.0.1/x',
  'https://192.168.1.1:8443/x',
  'https://169.254.169.254/latest',
  'https://100.64.0.1/x',
  'https://0x7f.1/x',
  'https://2130706433/x',
  'https://[::1]/x',
  'https://[::ffff:127.0.0.1]/x',
  'https://[fe80::1]/x',
  'https://[fd00::1]/x',
  'https://[64:ff9b::7f00:1]/x',
  'https://[2002:7f00:1::]/x',
  'https://name:password@push.example/x',
  'ftp://push.example/x',
  'nonsense',
])('A2: %s is no push service', (endpoint) => {
  expect(() => checkEndpoint(endpoint, createPublicAddressRule())).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT', field: 'endpoint' }),
  );
});

test('A2: services of browsers are', () => {
  const isAllowed = createPublicAddressRule();
  for (const endpoint of [
    'https://fcm.googleapis.com/fcm/send/abc',
    'https://updates.push.services.mozilla.com/wpush/v2/abc',
    'https://web.push.apple.com/abc',
    'https://1.1.1.1/x',
    'https://[2606:4700::1111]/x',
  ])
    expect(checkEndpoint(endpoint, isAllowed).href).toBe(endpoint);
});

test.each([
  'PASSWORD=hunter2 deploy',
  'curl -H "Authorization: Bearer abcdef" https://x.example',
  'mysql --password hunter2',
  'git clone https://me:hunter2@git.example/x',
  'export OPENAI_API_KEY=sk-abcdefghijklmnop',
  'echo ghp_abcdefghijklmnopqrstuvwxyz0123456789',
  `echo ${'a1'.repeat(30)} > key`,
])('A2: %j shows nothing of it in a notification, and opens the page', (text) => {
  const message = approvalMessage(call(text));
  expect(message).toMatchObject({ isWhole: false, summary: 'Open it to see what would run.' });
});

test.each([
  `ls${'\n'.repeat(8)}curl x.example`,
  `curl x.example ${' '.repeat(300)} -d @x`,
  'ls \u202e x',
  'ls \r rm x',
])('A2: %j is not seen whole in a notification, so it is decided on the page', (text) => {
  const message = approvalMessage(call(text));
  expect(message).toMatchObject({ isWhole: false });
  expect(message.summary).not.toMatch(/[\r\u202e]/);
});

test('A2: a message has at most 3 KiB and says when it is not all', () => {
  expect(approvalMessage(call('x '.repeat(1000)))).toMatchObject({ isWhole: false });
  const unit = fc.constantFrom('a', ' ', '"', '\\', '\n', '\u0001', 'ü', '€', '😀');
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 600 }), fc.string({ unit, maxLength: 400 }), (text, title) => {
      const approval = { ...call(text), title };
      const encoded = encodeMessage(approvalMessage(approval));
      expect(Buffer.byteLength(encoded)).toBeLessThanOrEqual(3072);
      const decoded = JSON.parse(encoded) as { isWhole: boolean; summary: string };
      if (decoded.isWhole) expect(decoded.summary).toBe(`${text}\nin /work`);
    }),
  );
});

test('A5: a recall that failed says so', async () => {
  await using world = await openPush();
  await world.addDevice('viewer');
  await world.addDevice('admin', 'u_other');
  const recall = { id: newId('recall'), title: 'nightly', userId: 'u_owner' } as Recall;
  const run = { state: 'failed', error: { code: 'DEADLINE', message: 'It took longer.' }, answer: null } as RecallRun;
  world.push.tellRecall({ recall, run });
  await until('it is told', () => world.service.received.length === 1);
  expect(world.service.received[0]?.message).toEqual(recallMessage({ recall, run }));
  expect(world.service.received[0]?.message).toMatchObject({ title: 'nightly', summary: 'failed: It took longer.' });
});

test('A2: the key is made once, in a private file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'navis-push-'));
  try {
    const file = join(folder, 'keys', 'push-key.json');
    const first = openVapidKey(file);
    const made = first();
    expect(first()).toBe(made);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(openVapidKey(file)()).toEqual(made);
    expect(readFileSync(file, 'utf8')).toContain(made.publicKey);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
