/** Reads what the hub keeps in memory of its store, and registers the host's own device in it. */
import type { HubServices } from '../create-hub.ts';
import { type HostDevice, registerHostDevice } from './host-device.ts';

/** Rejects NavisError DEGRADED when the store cannot be read. */
export const loadStore = async ({ devices, pairing, feed, hub }: HubServices, host: HostDevice): Promise<void> => {
  // Before the devices are read: it revokes the host devices whose key was lost.
  try {
    await registerHostDevice(host, feed);
  } catch (error) {
    hub.log.warn({ err: error }, "the host's device could not be registered");
  }
  await devices.load();
  await pairing.load();
};
