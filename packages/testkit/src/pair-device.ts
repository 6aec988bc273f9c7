/** Makes a paired device of any scope, the way a person does: link, request, approval (I14). */
import { generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { connectNode, createNodeSigner, readHostDevice } from '@navisai/client/node';
import type { HubConnection, Signer } from '@navisai/client';
import type { Device, Scope } from '@navisai/protocol';
import { until } from './until.ts';

export interface PairedDevice {
  device: Device;
  signer: Signer;
  connection: HubConnection;
  shortCode: string;
}

/** `approver` must be an admin's connection. */
export const pairDevice = async (
  approver: HubConnection,
  options: { home: string; origin: string; scope?: Scope; name?: string },
): Promise<PairedDevice> => {
  const scope = options.scope ?? 'admin';
  const { hubId, caFile } = await readHostDevice(options.home);
  const ca = await readFile(caFile, 'utf8');
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const { token } = await approver.api.openPairing({ body: { scope } });
  const stranger = connectNode({ origin: options.origin, ca });
  const { pairingId, shortCode } = await stranger.api.pairingRequest({
    body: {
      token,
      name: options.name ?? `test ${scope}`,
      kind: 'browser',
      publicKey: String(publicKey.export({ format: 'jwk' }).x),
      scope,
    },
  });
  const approval = await until('the approval is there', async () => {
    const { approvals } = await approver.api.pendingApprovals();
    return approvals.find((one) => one.kind === 'pairing' && one.detail.pairingId === pairingId);
  });
  await approver.api.approve({ params: { id: approval.id }, body: { scope } });
  const { device } = await stranger.api.pairingStatus({ body: { pairingId } });
  if (device === undefined) throw new Error('the approved pairing has no device');
  const signer = createNodeSigner({
    deviceId: device.id,
    hubId,
    privateKey: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
  });
  return { device, signer, shortCode, connection: connectNode({ origin: options.origin, ca, signer }) };
};
