/** The hub on this machine, as the host's own device: what the CLI and tests start from. */
import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { defaultPort } from '@navisai/protocol';
import type { SocketTransport } from '@navisai/link';
import { connectHub } from '../connect-hub.ts';
import type { HubConnection } from '../connect-hub.ts';
import type { Signer } from '../signer.ts';
import { createNodeSigner, readHostDevice } from './host-device.ts';
import { createNodeHttp } from './node-http.ts';

export interface HostConnectionOptions {
  /** `$NAVIS_HOME`, or `~/.navis`. */
  home: string;
  /** Default: where the running hub of this home listens. */
  origin?: string;
}

/** Reads key, CA and address from `home`. Rejects NavisError UNAUTHORIZED when the hub never ran there. */
export const connectHost = async (options: HostConnectionOptions): Promise<HubConnection> => {
  const [device, origin] = await Promise.all([
    readHostDevice(options.home),
    options.origin ?? readHubOrigin(options.home),
  ]);
  const caFile = isAbsolute(device.caFile) ? device.caFile : join(options.home, device.caFile);
  const ca = await readFile(caFile, 'utf8').catch(() => undefined);
  return connectNode({ origin, ca, signer: createNodeSigner(device) });
};

/** A hub anywhere, over `node:https` and `ws`; `ws` is loaded when the live connection opens. */
export const connectNode = (options: {
  origin: string;
  ca?: string | undefined;
  signer?: Signer | undefined;
}): HubConnection =>
  connectHub({
    origin: options.origin,
    signer: options.signer,
    http: createNodeHttp({ origin: options.origin, ca: options.ca }),
    sockets: createLazyNodeSockets(options.ca),
  });

/** Importing `ws` costs what a short command does not need to pay. */
const createLazyNodeSockets =
  (ca: string | undefined): SocketTransport =>
  async (request, sink) => {
    const { createNodeSocketTransport } = await import('@navisai/link/node');
    return createNodeSocketTransport({ ca })(request, sink);
  };

/** Where the hub of `home` listens: as it told at its start (`run/daemon.json`), else the default. */
export const readHubOrigin = async (home: string): Promise<string> => {
  try {
    const told = JSON.parse(await readFile(join(home, 'run', 'daemon.json'), 'utf8')) as { port?: unknown };
    if (typeof told.port === 'number') return `https://127.0.0.1:${told.port}`;
  } catch {
    // Not running, or never ran: the default is where it will be.
  }
  return `https://127.0.0.1:${defaultPort}`;
};
