/** Whether this browser is a device of the hub, and which. */
import type { DeviceStorage, PairedDevice } from './device-storage.ts';

export type IdentityState =
  | { kind: 'loading' }
  | { kind: 'unpaired' }
  | { kind: 'paired'; device: PairedDevice }
  /** The browser refuses to keep anything: private windows, full disks. */
  | { kind: 'broken'; reason: string };

export class Identity {
  readonly storage: DeviceStorage;
  #state: IdentityState = $state.raw({ kind: 'loading' });

  constructor(storage: DeviceStorage) {
    this.storage = storage;
  }

  get state(): IdentityState {
    return this.#state;
  }

  async load(): Promise<void> {
    try {
      const device = await this.storage.readDevice();
      this.#state = device === undefined ? { kind: 'unpaired' } : { kind: 'paired', device };
    } catch (error) {
      this.#state = { kind: 'broken', reason: error instanceof Error ? error.message : 'no storage' };
    }
  }

  async adopt(device: PairedDevice): Promise<void> {
    await this.storage.writeDevice(device);
    this.#state = { kind: 'paired', device };
  }

  /** The key is gone for good; the hub still lists the device until somebody revokes it. */
  async forget(): Promise<void> {
    await this.storage.forgetDevice();
    this.#state = { kind: 'unpaired' };
  }
}
