/** The address of one live connection, with a fresh credential in its query (I13). */
import { newNonce, socketPath, socketSigningText } from '@navisai/protocol';
import type { HubClock } from './hub-clock.ts';
import type { Signer } from './signer.ts';

/** `wss://host/ws?deviceId=…`; good for one connection. */
export const signSocketUrl = async (from: { origin: string; signer: Signer; clock: HubClock }): Promise<string> => {
  const timestamp = new Date(from.clock.now()).toISOString();
  const nonce = newNonce();
  const { deviceId, hubId } = from.signer;
  const signature = await from.signer.sign(socketSigningText({ path: socketPath, timestamp, nonce, hubId }));
  const query = new URLSearchParams({ deviceId, timestamp, nonce, signature });
  return `${from.origin.replace(/^http/, 'ws')}${socketPath}?${query.toString()}`;
};
