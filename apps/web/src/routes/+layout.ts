/** The whole application runs in the browser: there is no server rendering. Who it is is read while its parts still load. */
import { createDeviceStorage } from '../lib/device/device-storage.ts';
import { Identity } from '../lib/device/identity.svelte.ts';

export const ssr = false;
export const prerender = false;

export const load = (): { identity: Identity } => {
  const identity = new Identity(createDeviceStorage(indexedDB));
  void identity.load();
  return { identity };
};
