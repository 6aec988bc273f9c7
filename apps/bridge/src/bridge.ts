/** The server of the bridge: takes connections within bounds, forwards each, ends when it is told to (I4). */
import { createServer, type Server, type Socket } from 'node:net';
import { findHub } from './find-hub.ts';
import { forward } from './forward.ts';

export interface BridgeParts {
  home: string;
  target: number | undefined;
  log(text: string): void;
  bounds?: Partial<Bounds>;
}

export interface Bounds {
  /** All at once; beyond it new ones are closed. Below the hub's own bound. */
  connections: number;
  /** Of one address, so that nobody takes them all. */
  connectionsPerPeer: number;
  /** Sockets of the product are never silent for so long: they have heartbeats. */
  idleMs: number;
  connectMs: number;
}

export interface Bridge {
  readonly server: Server;
  /** Resolves after one of the signals has come and everything is closed. */
  stopOn(signals: readonly NodeJS.Signals[]): Promise<void>;
  close(): Promise<void>;
}

const bounds: Bounds = { connections: 4000, connectionsPerPeer: 500, idleMs: 10 * 60_000, connectMs: 5_000 };
/** Overflow is told once in this time, not for every connection. */
const tellEveryMs = 60_000;

export const openBridge = ({ home, target, log, bounds: given }: BridgeParts): Bridge => {
  const limits = { ...bounds, ...given };
  const clients = new Set<Socket>();
  const perPeer = new Map<string, number>();
  const tellOverflow = atMostEvery(tellEveryMs, log);

  const take = async (client: Socket): Promise<void> => {
    const peer = client.remoteAddress ?? '';
    const count = (perPeer.get(peer) ?? 0) + 1;
    client.on('error', () => undefined);
    if (count > limits.connectionsPerPeer) {
      client.destroy();
      return tellOverflow(`${peer} has ${limits.connectionsPerPeer} connections already; more are closed.`);
    }
    clients.add(client);
    perPeer.set(peer, count);
    try {
      await forward(client, { target: target ?? (await findHub(home)), ...limits });
    } finally {
      clients.delete(client);
      const left = (perPeer.get(peer) ?? 1) - 1;
      if (left === 0) perPeer.delete(peer);
      else perPeer.set(peer, left);
    }
  };

  const server = createServer({ allowHalfOpen: true }, (client) => void take(client));
  server.maxConnections = limits.connections;
  server.on('drop', () => tellOverflow(`${limits.connections} connections are open already; more are closed.`));

  const close = (): Promise<void> =>
    new Promise((resolve) => {
      if (server.listening) server.close(() => resolve());
      else resolve();
      for (const client of clients) client.destroy();
    });
  const stopOn = async (signals: readonly NodeJS.Signals[]): Promise<void> => {
    await new Promise<void>((resolve) => {
      for (const signal of signals) process.once(signal, () => resolve());
    });
    await close();
  };
  return { server, stopOn, close };
};

const atMostEvery = (everyMs: number, say: (text: string) => void): ((text: string) => void) => {
  let saidAt = Number.NEGATIVE_INFINITY;
  return (text) => {
    if (performance.now() - saidAt < everyMs) return;
    saidAt = performance.now();
    say(text);
  };
};
