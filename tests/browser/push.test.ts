/** Notifications on this device: turned on and off in the settings, with honest words where there are none (A2). */
import { createECDH, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { useBrowserHub } from './browser-hub.fixture.ts';
import { pairWebDevice } from './web-device.fixture.ts';
import type { WebDevice } from './web-device.fixture.ts';

const place = useBrowserHub();

/** The push service of a browser's maker is out of reach here: it is stood in for where the browser would ask it. */
const withPushService = async ({ page, context, origin }: WebDevice): Promise<void> => {
  await context.grantPermissions(['notifications'], { origin });
  const key = createECDH('prime256v1');
  key.generateKeys();
  const subscription = {
    endpoint: 'https://push.example.com/to/this-device',
    keys: { p256dh: key.getPublicKey('base64url'), auth: randomBytes(16).toString('base64url') },
  };
  await page.addInitScript((told) => {
    const kept = 'test.subscribed';
    const subscribed = {
      toJSON: () => told,
      unsubscribe: async () => {
        localStorage.removeItem(kept);
        return true;
      },
    };
    Object.defineProperty(Notification, 'permission', { get: () => 'granted' });
    Notification.requestPermission = async () => 'granted';
    PushManager.prototype.getSubscription = async () =>
      (localStorage.getItem(kept) === null ? null : subscribed) as unknown as PushSubscription;
    PushManager.prototype.subscribe = async () => {
      localStorage.setItem(kept, 'yes');
      return subscribed as unknown as PushSubscription;
    };
  }, subscription);
};

const choice = ({ page }: WebDevice) => page.getByRole('group', { name: 'Notifications' });

test('A2: notifications are turned on and off in the settings, and the hub knows', async () => {
  await using device = await pairWebDevice(place.browser, place.hub);
  await withPushService(device);
  await device.goTo('/settings');
  await expect.poll(() => choice(device).getByRole('radio', { name: 'Off' }).isChecked()).toBe(true);
  await choice(device).getByText('On', { exact: true }).click();
  await expect.poll(() => choice(device).getByRole('radio', { name: 'On' }).isChecked()).toBe(true);
  await device.page.reload();
  await expect.poll(() => choice(device).getByRole('radio', { name: 'On' }).isChecked()).toBe(true);
  await choice(device).getByText('Off', { exact: true }).click();
  await expect.poll(() => choice(device).getByRole('radio', { name: 'Off' }).isChecked()).toBe(true);
  await device.page.reload();
  await expect.poll(() => choice(device).getByRole('radio', { name: 'Off' }).isChecked()).toBe(true);
  expect(device.complaints).toEqual([]);
});

test('A2: what the person blocked in the browser is said, and nothing is offered', async () => {
  await using device = await pairWebDevice(place.browser, place.hub);
  await device.page.addInitScript(() => Object.defineProperty(Notification, 'permission', { get: () => 'denied' }));
  await device.goTo('/settings');
  await device.page.getByText('Blocked for this page in the settings of the browser.').waitFor();
  expect(await choice(device).count()).toBe(0);
});

test('A2: a browser without push says that an iPhone needs the installed application', async () => {
  await using device = await pairWebDevice(place.browser, place.hub);
  await device.page.addInitScript(() => Reflect.deleteProperty(globalThis, 'PushManager'));
  await device.goTo('/settings');
  await device.page.getByText(/On iPhone and iPad, add Navis to the home screen first/).waitFor();
  expect(await choice(device).count()).toBe(0);
});
