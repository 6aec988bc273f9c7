/** Keeps this browser's identity in IndexedDB: the private key is an object that no code can read (I13). */
import type { Scope } from '@navisai/protocol';

/** A request that waits for a person's decision; it survives a reload. */
export interface PendingPairing {
  pairingId: string;
  shortCode: string;
  expiresAt: string;
  name: string;
  hubId: string;
  keyPair: CryptoKeyPair;
}

export interface PairedDevice {
  deviceId: string;
  hubId: string;
  name: string;
  scope: Scope;
  keyPair: CryptoKeyPair;
}

export interface DeviceStorage {
  readDevice(): Promise<PairedDevice | undefined>;
  readPending(): Promise<PendingPairing | undefined>;
  writePending(pending: PendingPairing): Promise<void>;
  /** Also forgets the pending request that it came from. */
  writeDevice(device: PairedDevice): Promise<void>;
  forgetPending(): Promise<void>;
  forgetDevice(): Promise<void>;
}

const databaseName = 'navis';
const storeName = 'identity';

export const createDeviceStorage = (factory: IDBFactory): DeviceStorage => {
  let opened: Promise<IDBDatabase> | undefined;
  const database = (): Promise<IDBDatabase> => (opened ??= openDatabase(factory));
  const read = async <T>(key: string): Promise<T | undefined> =>
    settle<T | undefined>((await database()).transaction(storeName).objectStore(storeName).get(key));
  const change = async (work: (store: IDBObjectStore) => void): Promise<void> => {
    const transaction = (await database()).transaction(storeName, 'readwrite', { durability: 'strict' });
    work(transaction.objectStore(storeName));
    await committed(transaction);
  };
  return {
    readDevice: () => read<PairedDevice>('device'),
    readPending: () => read<PendingPairing>('pending'),
    writePending: (pending) => change((store) => store.put(pending, 'pending')),
    writeDevice: (device) =>
      change((store) => {
        store.put(device, 'device');
        store.delete('pending');
      }),
    forgetPending: () => change((store) => store.delete('pending')),
    forgetDevice: () => change((store) => store.delete('device')),
  };
};

const openDatabase = (factory: IDBFactory): Promise<IDBDatabase> => {
  const request = factory.open(databaseName, 1);
  request.addEventListener('upgradeneeded', () => request.result.createObjectStore(storeName));
  return settle(request);
};

const settle = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? new Error('The browser storage failed.')));
  });

const committed = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.addEventListener('complete', () => resolve());
    transaction.addEventListener('abort', () =>
      reject(transaction.error ?? new Error('The browser storage did not keep the change.')),
    );
  });
