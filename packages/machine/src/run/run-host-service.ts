/** Serves hubs on the socket of a run-host, outlives them, and leaves when nobody needs it any more. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { Connection, type Nothing } from '../host/connection.ts';
import { FramedSocket } from '../host/framed-socket.ts';
import { welcomeHub } from '../host/handshake.ts';
import { prepareRunDirectory } from '../host/run-directory.ts';
import { RunHost, type RunHostOptions } from './run-host.ts';
import { protocolVersions, service } from './host-files.ts';
import type { RunHostMethods } from './run-protocol.types.ts';

export interface RunHostServiceOptions extends Omit<RunHostOptions, 'onEmpty'> {
  socketPath: string;
  token: Uint8Array;
  buildId: string;
  lonelyMs: number;
  /** Nothing is left to do; the process may end. */
  onDone(): void;
}

/** Garbage of finished calls is given back when nothing has run for so long: memory makes every spawn slower. */
const restMs = 1000;
/** For the last answer to reach the hub. */
const farewellMs = 100;

export class RunHostService {
  readonly #options: RunHostServiceOptions;
  readonly #host: RunHost;
  readonly #hubs = new Set<FramedSocket>();
  readonly #server = createServer((socket) => void this.#welcome(socket));
  readonly #lonely: NodeJS.Timeout;
  #rest: NodeJS.Timeout | null = null;
  #isDone = false;

  constructor(options: RunHostServiceOptions) {
    this.#options = options;
    this.#host = new RunHost({ ...options, onEmpty: () => this.#becomeEmpty() });
    this.#lonely = setTimeout(() => this.#leaveIfLonely(), options.lonelyMs);
  }

  async listen(): Promise<void> {
    const { socketPath } = this.#options;
    // In one turn: a hub that leaves may remove a directory that is empty.
    prepareRunDirectory(dirname(socketPath));
    this.#server.listen(socketPath);
    await once(this.#server, 'listening');
  }

  /** Ends every call with its tree, then is done. */
  async stop(): Promise<void> {
    await this.#host.stop();
    setTimeout(() => this.#leave(), farewellMs);
  }

  async #welcome(socket: Socket): Promise<void> {
    const framed = new FramedSocket(socket);
    const { hostId, buildId, token } = this.#options;
    const facts = { hostId, buildId, takesCalls: this.#host.takesCalls };
    try {
      await welcomeHub(framed, { service, versions: protocolVersions, token, facts });
    } catch {
      // A peer that does not know the token has been sent away.
      return;
    }
    this.#hubs.add(framed);
    const stop = async (): Promise<{ result: null }> => {
      await this.stop();
      return { result: null };
    };
    void new Connection<Nothing, RunHostMethods, Nothing, Nothing>(framed, {
      handlers: { ...this.#host.handlers, stop },
      events: {},
      onClose: () => {
        this.#hubs.delete(framed);
        this.#leaveIfDone();
      },
    });
  }

  #becomeEmpty(): void {
    if (this.#rest === null) this.#rest = setTimeout(() => this.#collect(), restMs);
    else this.#rest.refresh();
    this.#leaveIfDone();
  }

  #collect(): void {
    if (this.#host.isEmpty) globalThis.gc?.();
  }

  #leaveIfDone(): void {
    const isDone = this.#host.isEmpty && !this.#host.takesCalls;
    if (isDone && this.#hubs.size === 0) this.#leave();
    else if (isDone) setTimeout(() => this.#leave(), farewellMs);
    else this.#lonely.refresh();
  }

  #leaveIfLonely(): void {
    if (this.#hubs.size === 0 && this.#host.isEmpty) this.#leave();
    else this.#lonely.refresh();
  }

  #leave(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#host.close();
    this.#options.onDone();
  }
}
