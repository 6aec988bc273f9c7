/** The devices of this hub: who may sign, since when, and who no longer (I13, I14). */
import { type Device, NavisError } from '@navisai/protocol';
import { hubStream, type NewEvent, type StoreFeed, type StoreKeeper, type StoreWriter } from '@navisai/store';
import { importPublicKey, type KnownDevice } from '../authentication/authenticate.ts';
import { createListeners } from './listeners.ts';

/** Until there are several users (U1), everything belongs to the person who owns the hub. */
export const ownerUserId = 'u_owner';

/** `lastSeenAt` is written no more often than this. */
const seenEveryMs = 60_000;

export interface Devices {
  /** Reads the devices of the store; to be called when it was opened. */
  load(): Promise<void>;
  find(deviceId: string): KnownDevice | undefined;
  list(): Promise<Device[]>;
  /** Any device but that of the host itself. */
  hasPaired(): boolean;
  /** Adds a device inside a transaction; `learn` must follow when that is done. */
  add(writer: StoreWriter, entry: { device: Device; publicKey: string }): Promise<void>;
  learn(entry: { device: Device; publicKey: string }): void;
  revoke(deviceId: string): Promise<Device>;
  /** Remembers that the device was here; never rejects. */
  seen(device: Device): void;
  onRevoked(listener: (deviceId: string) => void): () => void;
}

export interface DevicesParts {
  keeper: StoreKeeper;
  feed: StoreFeed;
  now: () => number;
}

export const deviceEvent = (device: Device): NewEvent => ({
  stream: hubStream,
  type: 'device.updated',
  data: { device },
});

export const createDevices = ({ keeper, feed, now }: DevicesParts): Devices => {
  const known = new Map<string, KnownDevice>();
  const revoked = createListeners<string>();
  const seenAt = new Map<string, number>();

  const learn = ({ device, publicKey }: { device: Device; publicKey: string }): void => {
    known.set(device.id, { device, key: importPublicKey(publicKey) });
  };

  return {
    async load() {
      const { devices } = keeper.store.read;
      const records = await Promise.all((await devices.list()).map((device) => devices.get(device.id)));
      known.clear();
      for (const record of records) if (record?.device.revokedAt === null) learn(record);
    },
    find: (deviceId) => known.get(deviceId),
    list: () => keeper.store.read.devices.list(),
    hasPaired: () => known.values().some(({ device }) => device.kind !== 'host'),
    async add(writer, entry) {
      await writer.devices.create(entry);
      await writer.appendEvents([deviceEvent(entry.device)]);
    },
    learn,
    async revoke(deviceId) {
      const device = await feed.transaction(async (writer) => {
        const changed = await writer.devices.revoke(deviceId, new Date(now()).toISOString());
        if (changed !== undefined) await writer.appendEvents([deviceEvent(changed)]);
        return changed ?? (await writer.devices.get(deviceId))?.device;
      });
      if (device === undefined) throw new NavisError('NOT_FOUND', 'There is no such device.');
      known.delete(deviceId);
      seenAt.delete(deviceId);
      revoked.tell(deviceId);
      return device;
    },
    seen(device) {
      const at = now();
      if (at - (seenAt.get(device.id) ?? 0) < seenEveryMs) return;
      seenAt.set(device.id, at);
      const seen = feed.transaction((writer) => writer.devices.seen(device.id, new Date(at).toISOString()));
      // Nobody waits for it, and a store that cannot be written is reported elsewhere.
      seen.catch(() => seenAt.delete(device.id));
    },
    onRevoked: revoked.add,
  };
};
