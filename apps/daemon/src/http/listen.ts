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
  /** Configured addresses that this machine does not have (yet). */
  remarks: string[];
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
  const remarks: string[] = [];
  for (const place of others) {
    const beside = opened.use(await listenBeside(https, { ...place, port }));
    if (!beside.isOpen)
      remarks.push(
        `listen: ${place.host} is not an address of this machine yet; the hub listens there as soon as it is.`,
      );
  }
  if (config.bridge === undefined) return { port, bridgePort: undefined, remarks };
  const bridge = await listenForBridge({ port: config.bridge.port, server: https, log: server.log }).catch(
    explainBridge,
  );
  opened.use(bridge);
  return { port, bridgePort: bridge.port, remarks };
};

/** Networks come up after the hub when a machine starts, and addresses come back after a cable was out. */
const tryAgainMs = 5_000;

interface Beside extends Disposable {
  readonly isOpen: boolean;
}

/** Its connections are taken like those of the hub's own port. An address that is not there is waited for. */
const listenBeside = async (https: HttpsServer, place: ListenPlace & { port: number }): Promise<Beside> => {
  const beside = createServer({ noDelay: true }, (socket) => https.emit('connection', socket));
  beside.maxConnections = maxConnections;
  const open = async (): Promise<boolean> => {
    beside.listen(place);
    try {
      await once(beside, 'listening');
      return true;
    } catch (error) {
      if (codeOf(error) === 'EADDRNOTAVAIL') return false;
      throw explain(error, place);
    }
  };
  const isOpen = await open();
  const again = isOpen ? undefined : setInterval(() => void open().then(settle, settle), tryAgainMs);
  const settle = (isThere: unknown): void => {
    if (isThere === true) clearInterval(again);
  };
  return {
    isOpen,
    [Symbol.dispose]() {
      clearInterval(again);
      beside.close();
    },
  };
};

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

const explain = (error: unknown, { host, port }: { host: string; port: number }): unknown =>
  codeOf(error) === 'EADDRINUSE'
    ? new NavisError('CONFLICT', `listen: port ${port} of ${host} is taken by another program.`, { field: 'listen' })
    : error;

const explainBridge = (error: unknown): never => {
  if (codeOf(error) !== 'EADDRINUSE') throw error;
  const message = 'bridge.port: the port for the bridge is taken by another program.';
  throw new NavisError('CONFLICT', message, { field: 'bridge.port' });
};
