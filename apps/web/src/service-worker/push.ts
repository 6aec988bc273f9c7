/** Notifications in the background: shown, pressed, decided with the key of this device (A2, N12). */
import { connectHub, createWebCryptoSigner } from '@navisai/client';
import type { PushMessage } from '@navisai/protocol';
import { createDeviceStorage } from '../lib/device/device-storage.ts';
import { approveHere, rejectHere } from './decide-here.ts';
import type { Deciding } from './decide-here.ts';
import { mayApproveHere, parsePush, pathOf, viewNotification } from './notification-view.ts';
import type { NotificationFacts } from './notification-view.ts';

export const listenForPush = (worker: ServiceWorkerGlobalScope): void => {
  worker.addEventListener('push', (event) => {
    const message = parsePush(event.data?.text() ?? '');
    // Browsers want every push to be seen.
    event.waitUntil(message === undefined ? showUnknown(worker) : show(worker, message));
  });
  worker.addEventListener('notificationclick', (event) => {
    event.notification.close();
    const facts = event.notification.data as NotificationFacts | undefined;
    if (facts !== undefined) event.waitUntil(press(worker, facts.message, event.action));
  });
  worker.addEventListener('pushsubscriptionchange', (event) => {
    (event as ExtendableEvent).waitUntil(subscribeAgain(worker));
  });
};

const show = (worker: ServiceWorkerGlobalScope, message: PushMessage): Promise<void> => {
  const { title, options } = viewNotification(message);
  return worker.registration.showNotification(title, options);
};

const showUnknown = (worker: ServiceWorkerGlobalScope): Promise<void> =>
  worker.registration.showNotification('Navis', { body: 'Something is new. Open Navis to see it.', tag: 'unknown' });

const press = async (worker: ServiceWorkerGlobalScope, message: PushMessage, action: string): Promise<void> => {
  const isAnswer =
    message.kind === 'approval' && (action === 'reject' || (action === 'approve' && mayApproveHere(message)));
  if (!isAnswer) return openPage(worker, pathOf(message, action));
  try {
    const hub = await connect(worker);
    if (action === 'approve') await approveHere(hub, message);
    else await rejectHere(hub, message.approvalId);
  } catch (error) {
    const body = error instanceof Error ? error.message : 'Open it to decide.';
    const { options } = viewNotification(message);
    await worker.registration.showNotification('Not decided', { ...options, body, actions: [] } as NotificationOptions);
  }
};

/** Rejects when this browser is not paired, or its storage cannot be read. */
const connect = async ({ location, indexedDB }: ServiceWorkerGlobalScope): Promise<Deciding> => {
  const device = await createDeviceStorage(indexedDB).readDevice();
  if (device === undefined) throw new Error('This browser is not paired with the hub.');
  return connectHub({ origin: location.origin, signer: createWebCryptoSigner(device) });
};

/** In the window that is open, else in a new one. */
const openPage = async ({ clients, location }: ServiceWorkerGlobalScope, path: string): Promise<void> => {
  const [client] = await clients.matchAll({ type: 'window', includeUncontrolled: true });
  const url = new URL(path, location.origin).href;
  if (client === undefined) return void (await clients.openWindow(url));
  await client.focus();
  // A window of another version, or one that is not controlled, cannot be led.
  await client.navigate(url).catch(() => clients.openWindow(url));
};

const subscribeAgain = async (worker: ServiceWorkerGlobalScope): Promise<void> => {
  const { api } = await connect(worker);
  const { publicKey } = await api.pushKey();
  const options = { userVisibleOnly: true, applicationServerKey: publicKey };
  const { endpoint, keys } = (await worker.registration.pushManager.subscribe(options)).toJSON();
  const { p256dh, auth } = keys ?? {};
  if (endpoint === undefined || p256dh === undefined || auth === undefined) return;
  await api.subscribeToPush({ body: { endpoint, keys: { p256dh, auth } } });
};
