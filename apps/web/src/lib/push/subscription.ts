/** Notifications of this browser: whether it can have them, and turning them on and off (A2). */
import type { Api } from '@navisai/client';
import { startServiceWorker } from '../shell/register-service-worker.ts';

/** `blocked` by the person, in the browser's own settings. */
export type PushState = 'unsupported' | 'blocked' | 'off' | 'on';

/** For a service worker to fetch its files; without one there are no notifications. */
const workerPatienceMs = 15_000;

const registrationOf = async (): Promise<ServiceWorkerRegistration | undefined> => {
  const workers = (navigator as { serviceWorker?: ServiceWorkerContainer }).serviceWorker;
  if (workers === undefined || !('PushManager' in globalThis) || !('Notification' in globalThis)) return undefined;
  const patience = new Promise<undefined>((resolve) => setTimeout(resolve, workerPatienceMs));
  const ready = startServiceWorker(workers).then(
    () => workers.ready,
    () => undefined,
  );
  return Promise.race([ready, patience]);
};

export const readPushState = async (api: Api): Promise<PushState> => {
  const registration = await registrationOf();
  if (registration === undefined) return 'unsupported';
  if (Notification.permission === 'denied') return 'blocked';
  const [subscription, { isSubscribed }] = await Promise.all([
    registration.pushManager.getSubscription(),
    api.pushKey(),
  ]);
  return subscription !== null && isSubscribed ? 'on' : 'off';
};

/** Asks the person for the permission first; answers how it is afterwards. */
export const turnPushOn = async (api: Api): Promise<PushState> => {
  const registration = await registrationOf();
  if (registration === undefined) return 'unsupported';
  if ((await Notification.requestPermission()) !== 'granted') return readPushState(api);
  const { publicKey } = await api.pushKey();
  // One that was made with another key of the hub cannot be renewed.
  await (await registration.pushManager.getSubscription())?.unsubscribe();
  const options = { userVisibleOnly: true, applicationServerKey: publicKey };
  const { endpoint, keys } = (await registration.pushManager.subscribe(options)).toJSON();
  const { p256dh, auth } = keys ?? {};
  if (endpoint === undefined || p256dh === undefined || auth === undefined) return 'unsupported';
  await api.subscribeToPush({ body: { endpoint, keys: { p256dh, auth } } });
  return 'on';
};

export const turnPushOff = async (api: Api): Promise<PushState> => {
  const registration = await registrationOf();
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
  await api.unsubscribeFromPush();
  return registration === undefined ? 'unsupported' : 'off';
};
