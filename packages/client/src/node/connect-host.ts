/** The hub on this machine, as the host's own device: what the CLI and tests start from. */
import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { getCACertificates } from 'node:tls';
import { defaultPort, parseHubEvent } from '@navisai/protocol';
import type { SocketTransport } from '@navisai/link';
import type { NodeSocketOptions } from '@navisai/link/node';
import { connectHub } from '../connect-hub.ts';
import type { HubConnection } from '../connect-hub.ts';
import type { Signer } from '../signer.ts';
import { createNodeSigner, readHostDevice } from './host-device.ts';
import { lookupFor } from './lookup.ts';
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

export interface NodeConnectionOptions {
  origin: string;
  /** PEM of the only CA that may vouch for the hub; without it those of the system do. */
  ca?: string | undefined;
  signer?: Signer | undefined;
}

/** A hub anywhere, over `node:https` and `ws`; `ws` is loaded when the live connection opens. */
export const connectNode = ({ origin, ca: pinned, signer }: NodeConnectionOptions): HubConnection => {
  const ca = pinned ?? systemRoots();
  const lookup = lookupFor(origin);
  return connectHub({
    origin,
    signer,
    http: createNodeHttp({ origin, ca, lookup }),
    sockets: createLazyNodeSockets({ ca, lookup }),
    readEvent: parseHubEvent,
  });
};

/** Those that Node.js brings, those that the operator added, and those of this machine. */
const systemRoots = (): string[] => [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];

/** Importing `ws` costs what a short command does not need to pay. */
const createLazyNodeSockets =
  (options: NodeSocketOptions): SocketTransport =>
  async (request, sink) => {
    const { createNodeSocketTransport } = await import('@navisai/link/node');
    return createNodeSocketTransport(options)(request, sink);
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
