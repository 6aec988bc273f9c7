/** The device of the CLI on the hub's own machine: `$NAVIS_HOME/host-device.json`, written by the hub. */
import { createPrivateKey, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NavisError } from '@navisai/protocol';
import type { Signer } from '../signer.ts';

export interface HostDevice {
  deviceId: string;
  /** PKCS#8, base64. */
  privateKey: string;
  publicKey: string;
  hubId: string;
  /** PEM of the CA that signs the hub's certificate; relative paths count from the home. */
  caFile: string;
}

/** Rejects NavisError UNAUTHORIZED when there is none or it cannot be read: the hub writes it at its first start. */
export const readHostDevice = async (home: string): Promise<HostDevice> => {
  const path = join(home, 'host-device.json');
  try {
    const device = JSON.parse(await readFile(path, 'utf8')) as Record<keyof HostDevice, unknown>;
    for (const name of ['deviceId', 'privateKey', 'publicKey', 'hubId', 'caFile'] as const)
      if (typeof device[name] !== 'string') throw new TypeError(`${name} is missing`);
    return device as HostDevice;
  } catch (cause) {
    throw new NavisError('UNAUTHORIZED', `This account has no key of the hub (${path}). Start it once: navisai up.`, {
      cause,
    });
  }
};

/** Signs with a key that is in memory. */
export const createNodeSigner = (device: Pick<HostDevice, 'deviceId' | 'privateKey' | 'hubId'>): Signer => {
  const key = createPrivateKey({ key: Buffer.from(device.privateKey, 'base64'), format: 'der', type: 'pkcs8' });
  return {
    deviceId: device.deviceId,
    hubId: device.hubId,
    sign: async (text) => sign(null, Buffer.from(text, 'utf8'), key).toString('base64'),
  };
};
