/** The device of the CLI on this machine: made, and made good, at every start, so that it always works (I14). */
import { sign } from 'node:crypto';
import { isAbsolute } from 'node:path';
import { hostname } from 'node:os';
import { type Device, deviceIdSchema, newId } from '@navisai/protocol';
import type { StoreFeed } from '@navisai/store';
import { z } from 'zod';
import { readJsonIfThere, writePrivateFile } from '@navisai/service';
import { deviceEvent, ownerUserId } from '../services/devices.ts';
import { type KeyPair, newKeyPair, parseKeyPair } from './identity.ts';

const fileSchema = z.object({
  deviceId: deviceIdSchema,
  privateKey: z.string(),
  publicKey: z.string(),
  hubId: z.string(),
  caFile: z.string().refine(isAbsolute),
});

export interface HostDevice {
  device: Device;
  publicKey: string;
  /** By its key; base64. */
  sign(text: string): string;
}

export interface HostDeviceFacts {
  path: string;
  hubId: string;
  caFile: string;
  now: string;
}

/** Reads the file, or writes it anew when it is missing, damaged or of another hub. */
export const openHostDevice = ({ path, hubId, caFile, now }: HostDeviceFacts): HostDevice => {
  const known = readKnown(path);
  const { deviceId, pair } = known?.hubId === hubId ? known : { deviceId: newId('device'), pair: newKeyPair() };
  const content = { deviceId, privateKey: pair.privateText, publicKey: pair.publicText, hubId, caFile };
  if (known?.hubId !== hubId || known.caFile !== caFile)
    writePrivateFile(path, `${JSON.stringify(content, null, 2)}\n`);
  const device: Device = {
    id: deviceId,
    name: `${hostname().slice(0, 60) || 'this machine'}`,
    kind: 'host',
    userId: ownerUserId,
    scope: 'admin',
    createdAt: now,
    lastSeenAt: null,
    revokedAt: null,
  };
  const signText = (text: string): string => sign(null, Buffer.from(text, 'utf8'), pair.privateKey).toString('base64');
  return { device, publicKey: pair.publicText, sign: signText };
};

const readKnown = (path: string): { deviceId: string; pair: KeyPair; hubId: string; caFile: string } | undefined => {
  const parsed = fileSchema.safeParse(readJsonIfThere(path));
  if (!parsed.success) return undefined;
  const { deviceId, privateKey, publicKey, hubId, caFile } = parsed.data;
  try {
    const pair = parseKeyPair(privateKey);
    return pair.publicText === publicKey ? { deviceId, pair, hubId, caFile } : undefined;
  } catch {
    return undefined;
  }
};

/** Makes the store know exactly this host device; those of lost files are revoked. */
export const registerHostDevice = ({ device, publicKey }: Omit<HostDevice, 'sign'>, feed: StoreFeed): Promise<void> =>
  feed.transaction(async (writer) => {
    const known = await writer.devices.get(device.id);
    for (const other of await writer.devices.list()) {
      if (other.kind !== 'host' || other.id === device.id) continue;
      const revoked = await writer.devices.revoke(other.id, device.createdAt);
      if (revoked !== undefined) await writer.appendEvents([deviceEvent(revoked)]);
    }
    if (known !== undefined) return;
    await writer.devices.create({ device, publicKey });
    await writer.appendEvents([deviceEvent(device)]);
  });
