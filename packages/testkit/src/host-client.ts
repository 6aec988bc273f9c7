/** The host's own device as a test uses it: its connection, its signature, the CA to trust. */
import { readFile } from 'node:fs/promises';
import { connectHost, createNodeSigner, readHostDevice } from '@navisai/client/node';
import type { HubConnection, Signer } from '@navisai/client';

export interface HostClient {
  connection: HubConnection;
  signer: Signer;
  /** PEM. */
  ca: string;
}

export const openHostClient = async (place: { home: string; origin: string }): Promise<HostClient> => {
  const device = await readHostDevice(place.home);
  const connection = await connectHost(place);
  return { connection, signer: createNodeSigner(device), ca: await readFile(device.caFile, 'utf8') };
};
