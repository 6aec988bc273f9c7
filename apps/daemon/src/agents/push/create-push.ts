/** Push notifications of this hub: its key in its folder, messages to public addresses only (A2). */
import { join } from 'node:path';
import type { StoreFeed, StoreKeeper } from '@navisai/store';
import type { FastifyBaseLogger } from 'fastify';
import type { Devices } from '../../services/devices.ts';
import { systemClock } from '../recalls/system-clock.ts';
import { createPublicAddressRule } from './push-address.ts';
import { Push } from './push.ts';
import { createPushSender } from './send-push.ts';
import { openVapidKey } from './vapid-key.ts';

export interface CreatePushParts {
  keeper: StoreKeeper;
  feed: StoreFeed;
  log: FastifyBaseLogger;
  devices: Devices;
  /** Of private keys. */
  keysFolder: string;
}

export const createPush = (parts: CreatePushParts): Push => {
  const vapidKey = openVapidKey(join(parts.keysFolder, 'push-key.json'));
  const isAllowedAddress = createPublicAddressRule();
  const send = createPushSender({ vapidKey, isAllowedAddress });
  return new Push({ ...parts, clock: systemClock, vapidKey, isAllowedAddress, send });
};
