/** Notifications in a real browser: shown by the service worker, approved there with the key of this device (A2, N12). */
import { type ApprovalOf, newId, type PushMessage } from '@navisai/protocol';
import { startModelServer, until } from '@navisai/testkit';
import type { Page, Worker } from 'playwright-core';
import { expect, test } from 'vitest';
import { useBrowserHub } from './browser-hub.fixture.ts';
import { pairWebDevice, type WebDevice } from './web-device.fixture.ts';

const place = useBrowserHub();

/** As a push service would hand it over. */
const deliver = async ({ context, page, origin }: WebDevice, message: PushMessage): Promise<void> => {
  const session = await context.newCDPSession(page);
  const registered = Promise.withResolvers<string>();
  session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
    const found = registrations.find(({ scopeURL, isDeleted }) => scopeURL.startsWith(origin) && !isDeleted);
    if (found !== undefined) registered.resolve(found.registrationId);
  });
  await session.send('ServiceWorker.enable');
  const registrationId = await registered.promise;
  await session.send('ServiceWorker.deliverPushMessage', { origin, registrationId, data: JSON.stringify(message) });
  await session.detach();
};

const shownOn = (page: Page) =>
  page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    return (await registration.getNotifications()).map(({ title, body, tag }) => ({ title, body, tag }));
  });

/** As a person presses it, or one of its buttons. */
const press = (worker: Worker, { tag, action }: { tag: string; action: string }) =>
  worker.evaluate(
    async ([wanted, pressed]) => {
      const scope = globalThis as unknown as {
        registration: ServiceWorkerRegistration;
        NotificationEvent: new (type: string, facts: object) => Event;
        dispatchEvent(event: Event): boolean;
      };
      const [notification] = await scope.registration.getNotifications({ tag: wanted });
      scope.dispatchEvent(new scope.NotificationEvent('notificationclick', { notification, action: pressed }));
    },
    [tag, action] as const,
  );

const openDevice = async (): Promise<{ device: WebDevice; worker: Worker }> => {
  const device = await pairWebDevice(place.browser, place.hub);
  const { context, page, origin } = device;
  await context.grantPermissions(['notifications'], { origin });
  await until('the service worker is in charge', () =>
    page.evaluate(async () => (await navigator.serviceWorker.ready).active?.state === 'activated'),
  );
  const [worker] = context.serviceWorkers();
  if (worker === undefined) throw new Error('there is no service worker');
  return { device, worker };
};

/** An agent asks whether it may run this. */
const ask = async (command: string): Promise<ApprovalOf<'call'>> => {
  const { api } = place.hub.host;
  await using server = await startModelServer();
  server.script([{ calls: [{ tool: 'terminal', arguments: { action: 'run', command } }] }], command);
  const id = `lab${newId('call').slice(2, 8)}`;
  const baseUrl = server.baseUrl('openai-compatible');
  const models = [{ id: 'scripted', contextTokens: 32_000 }];
  await api.addModelProvider({ body: { id, kind: 'openai-compatible', baseUrl, models } });
  const session = await api.createSession({ body: { kind: 'agent', agent: { model: `${id}/scripted` } } });
  await api.sendMessage({ params: { id: session.id }, body: { text: command } });
  return await until('it asks', async () => {
    const { approvals } = await api.pendingApprovals();
    return approvals.find(
      (one): one is ApprovalOf<'call'> => one.kind === 'call' && one.detail.call.sessionId === session.id,
    );
  });
};

const messageOf = ({ id, detail }: ApprovalOf<'call'>, facts: Partial<PushMessage> = {}): PushMessage =>
  ({
    kind: 'approval',
    approvalId: id,
    approvalKind: 'call',
    title: 'Developer on main',
    summary: detail.text,
    risk: 'changing',
    isWhole: true,
    ...facts,
  }) as PushMessage;

const approvalNow = (id: string) => place.hub.host.api.approval({ params: { id } });

test('A2, N12: a question is shown, approved on the notification, and signed by this device', async () => {
  const opened = await openDevice();
  await using device = opened.device;
  const approval = await ask('touch approved-on-the-phone');
  await deliver(device, messageOf(approval));
  await until('it is shown', async () => (await shownOn(device.page)).length === 1);
  expect(await shownOn(device.page)).toEqual([
    { title: 'Developer on main', body: `${approval.detail.text}\nchanging`, tag: approval.id },
  ]);
  await press(opened.worker, { tag: approval.id, action: 'approve' });
  const decided = await until('it is decided', async () => {
    const now = await approvalNow(approval.id);
    return now.state === 'pending' ? undefined : now;
  });
  const { devices } = await place.hub.host.api.devices();
  expect(decided).toMatchObject({ state: 'approved', grant: 'once' });
  expect(devices.find(({ id }) => id === decided.decidedBy)?.kind).toBe('browser');
  expect(await shownOn(device.page)).toEqual([]);
});

test('A2: what was shown is not what is asked: nothing is approved, and the notification says so', async () => {
  const opened = await openDevice();
  await using device = opened.device;
  const approval = await ask('touch something-else');
  await deliver(device, messageOf(approval, { summary: 'touch harmless' }));
  await until('it is shown', async () => (await shownOn(device.page)).length === 1);
  await press(opened.worker, { tag: approval.id, action: 'approve' });
  await until('it says so', async () => (await shownOn(device.page))[0]?.title === 'Not decided');
  expect((await approvalNow(approval.id)).state).toBe('pending');
  await press(opened.worker, { tag: approval.id, action: 'reject' });
  await until('it is rejected', async () => (await approvalNow(approval.id)).state === 'rejected');
});
