/** Finds and greets run-host processes for the hub. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { Connection, type Nothing } from '../host/connection.ts';
import { FramedSocket } from '../host/framed-socket.ts';
import { greetHost } from '../host/handshake.ts';
import { tokenPath, type HostRecord } from '../host/host-record.ts';
import { readOrCreateToken } from '../host/run-directory.ts';
import { isAlive } from '../process-tree.ts';
import { protocolVersions, service } from './host-files.ts';
import type { RunHostMethods } from './run-protocol.types.ts';

export type HostConnection = Connection<RunHostMethods, Nothing, Nothing, Nothing>;

export interface HostLink {
  record: HostRecord;
  takesCalls: boolean;
  connection: HostConnection;
}

export interface LinkRequest {
  stateDirectory: string;
  record: HostRecord;
  onLost(): void;
}

const connectDeadlineMs = 5000;
/** A host that is just starting listens soon. */
const listenDeadlineMs = 3000;
const retryMs = 20;

/** `null` when there is no host behind this record any more, or one that does not answer. */
export const findHost = async (request: LinkRequest): Promise<HostLink | null> => {
  const startedAt = performance.now();
  for (;;) {
    try {
      return await connectHost(request);
    } catch {
      const isLate = performance.now() - startedAt > listenDeadlineMs;
      if (isLate || !(await isAlive(request.record))) return null;
      await setTimeout(retryMs);
    }
  }
};

const connectHost = async ({ stateDirectory, record, onLost }: LinkRequest): Promise<HostLink> => {
  const socket = connect(record.socketPath);
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(connectDeadlineMs) });
  } catch (error) {
    socket.destroy();
    throw error;
  }
  const framed = new FramedSocket(socket);
  const token = readOrCreateToken(tokenPath(stateDirectory));
  const { facts } = await greetHost(framed, { service, versions: protocolVersions, token });
  const connection: HostConnection = new Connection(framed, { handlers: {}, events: {}, onClose: onLost });
  return { record, takesCalls: facts['takesCalls'] === true, connection };
};
