/** Takes the bridge's connections on a loopback port of their own and tells the hub who is really there (I4). */
import { once } from 'node:events';
import type { Server as HttpsServer } from 'node:https';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { FastifyBaseLogger } from 'fastify';
import { maxHeaderBytes, parseProxyHeader } from './proxy-header.ts';

export interface BridgeListenerParts {
  port: number;
  /** TLS ends here, as for every other connection. */
  server: HttpsServer;
  log: FastifyBaseLogger;
  headerMs?: number;
}

export interface BridgeListener extends AsyncDisposable {
  readonly port: number;
}

/** The bridge sends the header with its first packet. */
const headerDeadlineMs = 5_000;
const maxConnections = 5_000;

/**
 * Rejects with the system's error when the port is taken. Whoever reaches the port may tell any peer: it counts for
 * limits and for what people are shown, and is trusted for nothing.
 */
export const listenForBridge = async ({
  port,
  server,
  log,
  headerMs = headerDeadlineMs,
}: BridgeListenerParts): Promise<BridgeListener> => {
  /** By the port that the bridge's end of the connection has while it is open. */
  const peers = new Map<number, string>();
  const waiting = new Set<Socket>();

  const take = async (socket: Socket): Promise<void> => {
    waiting.add(socket);
    socket.on('error', () => socket.destroy());
    const header = await readHeader(socket, headerMs);
    waiting.delete(socket);
    if (header.kind !== 'complete') {
      if (header.kind === 'invalid')
        log.warn({ reason: header.reason }, 'a connection to the port of the bridge was refused');
      socket.destroy();
      return;
    }
    const { remotePort } = socket;
    if (header.peer !== undefined && remotePort !== undefined) {
      peers.set(remotePort, header.peer);
      socket.once('close', () => peers.delete(remotePort));
    }
    server.emit('connection', socket);
  };

  const listener = createServer({ noDelay: true }, (socket) => void take(socket));
  listener.maxConnections = maxConnections;
  listener.listen(port, '127.0.0.1');
  await once(listener, 'listening');
  const { port: ownPort } = listener.address() as AddressInfo;
  const tellPeer = (socket: TLSSocket): void => {
    const peer = socket.localPort === ownPort ? peers.get(socket.remotePort ?? 0) : undefined;
    // What every reader of the peer asks for: limits, approvals, the log.
    if (peer !== undefined) Object.defineProperty(socket, 'remoteAddress', { value: peer });
  };
  server.prependListener('secureConnection', tellPeer);
  return {
    port: ownPort,
    async [Symbol.asyncDispose]() {
      server.off('secureConnection', tellPeer);
      for (const socket of waiting) socket.destroy();
      listener.close();
    },
  };
};

/** What follows the header stays in the socket. */
const readHeader = async (socket: Socket, deadlineMs: number) => {
  const { promise, resolve } = Promise.withResolvers<ReturnType<typeof parseProxyHeader>>();
  const late = setTimeout(() => resolve({ kind: 'invalid', reason: 'no header in time' }), deadlineMs);
  let bytes = Buffer.alloc(0);
  const look = (): void => {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) return;
    bytes = Buffer.concat([bytes, chunk]);
    const header = parseProxyHeader(bytes.subarray(0, maxHeaderBytes));
    if (header.kind === 'incomplete') return;
    socket.off('readable', look);
    if (header.kind === 'complete') socket.unshift(bytes.subarray(header.length));
    resolve(header);
  };
  const end = (): void => resolve({ kind: 'incomplete' });
  socket.on('readable', look).once('end', end).once('close', end);
  try {
    return await promise;
  } finally {
    clearTimeout(late);
    socket.off('readable', look).off('end', end).off('close', end);
  }
};
