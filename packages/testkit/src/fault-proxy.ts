/** A TCP proxy with the faults of a network: cuts, stalls, delays, refusals. */
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

export interface FaultProxy extends AsyncDisposable {
  readonly port: number;
  readonly connections: number;
  /** Bytes carried from the target since the start. */
  readonly carriedDown: number;
  /** Ends every connection as a lost network does: reset, bytes under way are gone. */
  cutAll(): void;
  /** Nothing is carried any more, connections stay open: half-open for both sides. */
  stall(): void;
  resume(): void;
  /** Adds to each chunk's way, in order. */
  setDelay(delayMs: number): void;
  /** True: new connections are reset at once. */
  setRefusing(isRefusing: boolean): void;
}

interface Pair {
  client: Socket;
  target: Socket;
}

/** Listens on a free port of 127.0.0.1 and carries to `targetPort`. */
export const startFaultProxy = async (targetPort: number): Promise<FaultProxy> => {
  const pairs = new Set<Pair>();
  let isStalled = false;
  let isRefusing = false;
  let delayMs = 0;
  let carriedDown = 0;
  // A reader that is slower than the sender holds the sender back, as a network does.
  const write = (from: Socket, to: Socket, bytes: Buffer): void => {
    if (to.destroyed || to.write(bytes)) return;
    from.pause();
    to.once('drain', () => isStalled || from.resume());
  };
  const carry = (from: Socket, to: Socket, onBytes: (count: number) => void): void => {
    let order = Promise.resolve();
    from.on('data', (bytes: Buffer) => {
      onBytes(bytes.length);
      if (delayMs === 0) {
        order = order.then(() => write(from, to, bytes));
        return;
      }
      const due = new Promise((resolve) => setTimeout(resolve, delayMs));
      order = order.then(async () => {
        await due;
        write(from, to, bytes);
      });
    });
    from.on('end', () => void order.then(() => to.end()));
  };
  const server = createServer({ noDelay: true }, (client) => {
    if (isRefusing) {
      client.resetAndDestroy();
      return;
    }
    const target = connect({ port: targetPort, host: '127.0.0.1', noDelay: true });
    const pair = { client, target };
    pairs.add(pair);
    for (const socket of [client, target]) {
      socket.on('error', () => destroy(pair));
      socket.on('close', () => {
        pairs.delete(pair);
        destroy(pair);
      });
    }
    carry(client, target, () => undefined);
    carry(target, client, (count) => (carriedDown += count));
    if (isStalled) pauseBoth(pair);
  });
  const port = await listen(server);
  return {
    port,
    get connections() {
      return pairs.size;
    },
    get carriedDown() {
      return carriedDown;
    },
    cutAll: () => {
      for (const pair of pairs) destroy(pair);
    },
    stall: () => {
      isStalled = true;
      for (const pair of pairs) pauseBoth(pair);
    },
    resume: () => {
      isStalled = false;
      for (const { client, target } of pairs) {
        client.resume();
        target.resume();
      }
    },
    setDelay: (ms) => (delayMs = ms),
    setRefusing: (refusing) => (isRefusing = refusing),
    [Symbol.asyncDispose]: async () => {
      for (const pair of pairs) destroy(pair);
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

const pauseBoth = ({ client, target }: Pair): void => {
  client.pause();
  target.pause();
};

const destroy = ({ client, target }: Pair): void => {
  for (const socket of [client, target]) if (!socket.destroyed) socket.resetAndDestroy();
};

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
