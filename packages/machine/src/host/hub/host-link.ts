/** One pty-host as the hub sees it: the connection, made again when it breaks, until the process is gone. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { Connection, type EventHandlers, type Nothing, type RequestOptions } from '../connection.ts';
import { FramedSocket } from '../framed-socket.ts';
import type { DataFrame } from '../frames.ts';
import { greetHost, HandshakeError } from '../handshake.ts';
import { HostError } from '../host-error.ts';
import type { HostRecord } from '../host-record.ts';
import {
  ptyHostService,
  ptyHostVersions,
  type HubNotices,
  type PtyHostEvents,
  type PtyHostMethods,
} from '../pty-host-protocol.ts';
import { isAlive } from '../../process-tree.ts';

type HostConnection = Connection<PtyHostMethods, Nothing, HubNotices, PtyHostEvents>;

export interface HostLinkOptions {
  record: HostRecord;
  token: Uint8Array;
  events: EventHandlers<PtyHostEvents>;
  onData(frame: DataFrame): void;
  /** Connected, for the first time or again; requests may be made. */
  onConnected(): void;
  /** The process has ended; nothing comes any more. */
  onGone(): void;
  onProblem(message: string): void;
}

const connectDeadlineMs = 5000;
/** How long a request waits for a connection that is being made again. */
const reconnectDeadlineMs = 3000;
const retryMs = { first: 20, last: 2000 } as const;

export class HostLink {
  readonly record: HostRecord;
  readonly #options: HostLinkOptions;
  #connection: HostConnection | null = null;
  #connecting: Promise<void> | null = null;
  #isClosed = false;

  constructor(options: HostLinkOptions) {
    this.record = options.record;
    this.#options = options;
  }

  get isConnected(): boolean {
    return this.#connection !== null;
  }

  /** One attempt; rejects when the host does not answer. Attempts go on behind it while the process lives. */
  async connect(): Promise<void> {
    try {
      await this.#connectOnce();
    } catch (error) {
      this.#connecting ??= this.#connectAgain();
      throw error;
    }
  }

  /** Rejects with HostError. */
  async request<Method extends keyof PtyHostMethods & string>(
    method: Method,
    params: PtyHostMethods[Method]['params'],
    options?: RequestOptions,
  ): Promise<{ result: PtyHostMethods[Method]['result']; payload: Buffer }> {
    // No await on the way of a keystroke.
    const connection = this.#connection ?? (await this.#reconnected());
    return connection.request(method, params, options);
  }

  tell<Type extends keyof HubNotices>(type: Type, data: HubNotices[Type]): void {
    this.#connection?.tell(type, data);
  }

  /** Whether it is connected, or no longer connects again, as when its host is gone; waits for that if it must. */
  async settled(): Promise<boolean> {
    const isSlow = setTimeout(reconnectDeadlineMs, undefined, { ref: false });
    if (this.#connection === null) await Promise.race([this.#connecting, isSlow]);
    return this.isConnected;
  }

  /** Leaves the host running. */
  close(): void {
    this.#isClosed = true;
    this.#connection?.close('hub closes');
  }

  async #reconnected(): Promise<HostConnection> {
    await this.settled();
    if (this.#connection === null) {
      throw new HostError('HOST_UNAVAILABLE', 'The process that keeps this terminal does not answer.');
    }
    return this.#connection;
  }

  async #connectOnce(): Promise<void> {
    const { record, token, events } = this.#options;
    const socket = connect(record.socketPath);
    try {
      await once(socket, 'connect', { signal: AbortSignal.timeout(connectDeadlineMs) });
    } catch (error) {
      socket.destroy();
      throw error;
    }
    const framed = new FramedSocket(socket);
    await greetHost(framed, { service: ptyHostService, versions: ptyHostVersions, token });
    if (this.#isClosed) return framed.close('hub closes');
    this.#connection = new Connection<PtyHostMethods, Nothing, HubNotices, PtyHostEvents>(framed, {
      handlers: {},
      events,
      onData: (frame) => this.#options.onData(frame),
      onClose: () => this.#lost(),
    });
    this.#options.onConnected();
  }

  #lost(): void {
    this.#connection = null;
    if (!this.#isClosed) this.#connecting ??= this.#connectAgain();
  }

  async #connectAgain(): Promise<void> {
    for (let waitMs: number = retryMs.first; !this.#isClosed; waitMs = Math.min(waitMs * 2, retryMs.last)) {
      if (!(await isHostAlive(this.record))) {
        this.#isClosed = true;
        this.#connecting = null;
        return this.#options.onGone();
      }
      try {
        await this.#connectOnce();
        this.#connecting = null;
        return;
      } catch (error) {
        if (error instanceof HandshakeError) this.#options.onProblem(`A terminal host refused: ${error.message}`);
        await setTimeout(waitMs);
      }
    }
    this.#connecting = null;
  }
}

/** Where the host could not tell its start time, its PID has to do. */
export const isHostAlive = async ({ pid, startTime }: HostRecord): Promise<boolean> => {
  if (startTime !== '') return isAlive({ pid, startTime });
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
