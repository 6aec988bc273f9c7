/** Opens the hub's ports: its own on this machine, the same on configured addresses, the bridge's when it is set up (I3, I4). */
import { once } from 'node:events';
import type { Server as HttpsServer } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { NavisError } from '@navisai/protocol';
import type { FastifyInstance } from 'fastify';
import { listenForBridge } from '../bridge/listen-for-bridge.ts';
import type { Config } from '../settings/config.ts';
import { type ListenPlace, planListeners } from '../settings/listen-plan.ts';

export interface OpenPorts {
  port: number;
  bridgePort: number | undefined;
}

const maxConnections = 5_000;

/** What it opens is closed with `opened`. Rejects with the system's error, or NavisError naming the setting. */
export const listen = async (
  server: FastifyInstance,
  { config, opened }: { config: Pick<Config, 'port' | 'listen' | 'bridge'>; opened: AsyncDisposableStack },
): Promise<OpenPorts> => {
  const { primary, others } = planListeners(config.listen);
  await server.listen({ ...primary, port: config.port });
  const https = server.server as unknown as HttpsServer;
  const { port } = https.address() as AddressInfo;
  for (const place of others) opened.use(await listenBeside(https, { ...place, port }));
  if (config.bridge === undefined) return { port, bridgePort: undefined };
  const bridge = await listenForBridge({ port: config.bridge.port, server: https, log: server.log }).catch(
    explainBridge,
  );
  opened.use(bridge);
  return { port, bridgePort: bridge.port };
};

/** Its connections are taken like those of the hub's own port. */
const listenBeside = async (https: HttpsServer, place: ListenPlace & { port: number }): Promise<Disposable> => {
  const beside = createServer({ noDelay: true }, (socket) => https.emit('connection', socket));
  beside.maxConnections = maxConnections;
  beside.listen(place);
  try {
    await once(beside, 'listening');
  } catch (error) {
    throw explain(error, place);
  }
  return { [Symbol.dispose]: () => void beside.close() };
};

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

const explain = (error: unknown, { host, port }: { host: string; port: number }): unknown => {
  switch (codeOf(error)) {
    case 'EADDRNOTAVAIL':
      return new NavisError('INVALID_ARGUMENT', `listen: ${host} is not an address of this machine.`, {
        field: 'listen',
      });
    case 'EADDRINUSE':
      return new NavisError('CONFLICT', `listen: port ${port} of ${host} is taken by another program.`, {
        field: 'listen',
      });
    default:
      return error;
  }
};

const explainBridge = (error: unknown): never => {
  if (codeOf(error) !== 'EADDRINUSE') throw error;
  const message = 'bridge.port: the port for the bridge is taken by another program.';
  throw new NavisError('CONFLICT', message, { field: 'bridge.port' });
};
