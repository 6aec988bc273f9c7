/** Makes a key for this CLI and has it let in: asks with the token, shows the short code, waits for the decision (I14). */
import type { HubConnection } from '@navisai/client';
import { type Device, NavisError, pairingShortCode, type Scope } from '@navisai/protocol';
import { generateKeyPairSync } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { CommandError } from '../output/command-error.ts';

export interface PairRequest {
  connection: HubConnection;
  hubId: string;
  token: string;
  deviceName: string;
  scope: Scope | undefined;
  /** Called once, when the hub waits for the person. */
  onCode(shortCode: string): void;
}

export interface OwnDevice {
  device: Device;
  privateKey: string;
  publicKey: string;
}

const pollMs = 700;

/** Rejects with the hub's own error, or a CommandError when it was not let in. */
export const pairWithHub = async (request: PairRequest): Promise<OwnDevice> => {
  const { connection, hubId, token, deviceName, scope, onCode } = request;
  const keys = generateKeyPairSync('ed25519');
  const publicKey = String(keys.publicKey.export({ format: 'jwk' }).x);
  const body = { token, name: deviceName, kind: 'cli' as const, publicKey, ...(scope === undefined ? {} : { scope }) };
  const { pairingId, shortCode, expiresAt } = await connection.api.pairingRequest({ body });
  // Our own: whoever stands in between would need another key, and so another code.
  const expected = await pairingShortCode({ hubId, token, publicKey });
  if (shortCode !== expected) throw notLetIn('The hub answered with a wrong code.');
  onCode(expected);
  const device = await waitForDecision(connection, pairingId, Date.parse(expiresAt));
  return {
    device,
    publicKey,
    privateKey: keys.privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
  };
};

const waitForDecision = async (connection: HubConnection, pairingId: string, untilMs: number): Promise<Device> => {
  for (;;) {
    const { state, device } = await connection.api.pairingStatus({ body: { pairingId } }).catch((error: unknown) => {
      // A lost network, or a hub that restarts, decides nothing.
      if (!(error instanceof NavisError) || error.code !== 'HUB_UNREACHABLE') throw error;
      return { state: 'pending' as const, device: undefined };
    });
    if (state === 'approved' && device !== undefined) return device;
    if (state === 'rejected') throw notLetIn('This CLI was not let in.');
    if (state === 'expired' || Date.now() > untilMs) throw notLetIn('Nobody decided in time.');
    await delay(pollMs);
  }
};

const notLetIn = (message: string): CommandError =>
  new CommandError(message, {
    code: 'FORBIDDEN',
    exitCode: 4,
    affects: 'Nothing was stored.',
    remedy: 'At the hub: navisai pair, then use the new link.',
  });
