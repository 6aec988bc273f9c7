/** What every adapter must do for push subscriptions (A2). */
import { expect, test } from 'vitest';
import type { StorePlace } from './event-log.suite.ts';
import type { StoredPushSubscription } from './push.types.ts';

const subscription = (deviceId: string, endpoint: string): StoredPushSubscription => ({
  deviceId,
  subscription: { endpoint, keys: { p256dh: `key of ${deviceId}`, auth: 'secret' } },
  createdAt: '2026-01-01T00:00:00.000Z',
});

export const testPush = (name: string, newPlace: () => Promise<StorePlace>): void => {
  test(`${name}: A2: a device has one push subscription, an endpoint one device, and only what is gone is removed`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const put = (one: StoredPushSubscription) => store.transaction(({ push }) => push.put(one));
    await put(subscription('d_1111', 'https://push.example/1'));
    await put(subscription('d_1111', 'https://push.example/2'));
    await put(subscription('d_2222', 'https://push.example/3'));
    expect((await store.read.push.list()).map(({ subscription: { endpoint } }) => endpoint)).toEqual([
      'https://push.example/2',
      'https://push.example/3',
    ]);
    await put(subscription('d_3333', 'https://push.example/3'));
    expect(await store.read.push.get('d_2222')).toBeUndefined();
    expect(await store.read.push.get('d_3333')).toEqual(subscription('d_3333', 'https://push.example/3'));
    await store.transaction(({ push }) => push.remove({ deviceId: 'd_1111', endpoint: 'https://push.example/1' }));
    expect(await store.read.push.list()).toHaveLength(2);
    await store.transaction(({ push }) => push.remove({ deviceId: 'd_1111', endpoint: 'https://push.example/2' }));
    await store.transaction(({ push }) => push.remove({ deviceId: 'd_3333' }));
    expect(await store.read.push.list()).toEqual([]);
  });
};
