/** A TCP proxy with the faults of a network: cuts, stalls, delays, refusals. */
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

export interface FaultProxy extends AsyncDisposable {
  readonly port: number;
  readonly connections: number;
  /** Bytes that came from the target since the start. */
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

/** Listens on a free port of 127.0.0.1 and carries to `targetPort`. */
export const startFaultProxy = async (targetPort: number): Promise<FaultProxy> => {
  const proxy = new TcpFaultProxy(targetPort);
  await proxy.listen();
  return proxy;
};

interface Pair {
  client: Socket;
  target: Socket;
}

class TcpFaultProxy implements FaultProxy {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  port = 0;
  carriedDown = 0;
  #isStalled = false;
  #isRefusing = false;
  #delayMs = 0;

  constructor(targetPort: number) {
    this.#server = createServer({ noDelay: true }, (client) => this.#accept(client, targetPort));
  }

  get connections(): number {
    return this.#pairs.size;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    const address = this.#server.address();
    if (typeof address === 'object' && address !== null) this.port = address.port;
  }

  cutAll(): void {
    for (const pair of this.#pairs) destroy(pair);
  }

  stall(): void {
    this.#isStalled = true;
    for (const { client, target } of this.#pairs) for (const socket of [client, target]) socket.pause();
  }

  resume(): void {
    this.#isStalled = false;
    for (const { client, target } of this.#pairs) for (const socket of [client, target]) socket.resume();
  }

  setDelay(delayMs: number): void {
    this.#delayMs = delayMs;
  }

  setRefusing(isRefusing: boolean): void {
    this.#isRefusing = isRefusing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cutAll();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(client: Socket, targetPort: number): void {
    if (this.#isRefusing) {
      client.resetAndDestroy();
      return;
    }
    const target = connect({ port: targetPort, host: '127.0.0.1', noDelay: true });
    const pair = { client, target };
    this.#pairs.add(pair);
    for (const socket of [client, target]) {
      socket.on('error', () => destroy(pair));
      socket.on('close', () => {
        this.#pairs.delete(pair);
        destroy(pair);
      });
    }
    this.#carry(client, target);
    this.#carry(target, client);
    target.on('data', (bytes: Buffer) => (this.carriedDown += bytes.length));
    if (this.#isStalled) this.stall();
  }

  #carry(from: Socket, to: Socket): void {
    let order = Promise.resolve();
    from.on('data', (bytes: Buffer) => {
      const delayMs = this.#delayMs;
      const due = delayMs === 0 ? undefined : new Promise((resolve) => setTimeout(resolve, delayMs));
      order = order.then(async () => {
        if (due !== undefined) await due;
        this.#write(from, to, bytes);
      });
    });
    from.on('end', () => void order.then(() => to.end()));
  }

  /** A reader that is slower than the sender holds the sender back, as a network does. */
  #write(from: Socket, to: Socket, bytes: Buffer): void {
    if (to.destroyed || to.write(bytes)) return;
    from.pause();
    to.once('drain', () => this.#isStalled || from.resume());
  }
}

const destroy = ({ client, target }: Pair): void => {
  for (const socket of [client, target]) if (!socket.destroyed) socket.resetAndDestroy();
};
