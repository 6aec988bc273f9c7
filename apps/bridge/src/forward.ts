/** Joins one client with the hub: bytes as they are, in both directions, each as fast as its reader (I4). */
import { connect, type Socket } from 'node:net';
import { encodeProxyHeader } from './proxy-header.ts';

export interface Forwarding {
  /** The hub's loopback port for the bridge. */
  target: number;
  idleMs: number;
  connectMs: number;
}

/** Resolves when both ends are closed; never rejects. What goes wrong at one end closes the other. */
export const forward = (client: Socket, { target, idleMs, connectMs }: Forwarding): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const header = headerOf(client);
  if (header === undefined) {
    client.destroy();
    return Promise.resolve();
  }
  const hub = connect({ host: '127.0.0.1', port: target, allowHalfOpen: true, noDelay: true });
  const endBoth = (): void => {
    client.destroy();
    hub.destroy();
  };
  const connecting = setTimeout(endBoth, connectMs);
  for (const socket of [client, hub]) socket.setNoDelay(true).on('error', endBoth);
  // Bytes in either direction pass through the client's socket, so its silence is that of both.
  client.setTimeout(idleMs, endBoth);
  hub.once('connect', () => {
    clearTimeout(connecting);
    hub.write(header);
    // Each pipe waits for its reader, and passes on the end of its writer alone.
    client.pipe(hub);
    hub.pipe(client);
  });
  let open = 2;
  for (const socket of [client, hub])
    socket.once('close', () => {
      clearTimeout(connecting);
      // Closed without an end of its own: cut off.
      if (!socket.readableEnded || !socket.writableFinished) endBoth();
      open -= 1;
      if (open === 0) resolve();
    });
  return promise;
};

/** `undefined` when the client has gone already. */
const headerOf = (client: Socket): Buffer | undefined => {
  const { remoteAddress, remotePort, localAddress, localPort } = client;
  if (remoteAddress === undefined || remotePort === undefined) return undefined;
  if (localAddress === undefined || localPort === undefined) return undefined;
  return encodeProxyHeader({
    sourceAddress: remoteAddress,
    sourcePort: remotePort,
    destinationAddress: localAddress,
    destinationPort: localPort,
  });
};
