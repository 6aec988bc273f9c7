/** A socket without any cleverness of the client's, for tests of the wire itself. */
import { decodeBinaryFrame, newNonce, socketPath, socketSigningText } from '@navisai/protocol';
import type { BinaryFrame, EventData, EventType, HubEvent } from '@navisai/protocol';
import { until } from '@navisai/testkit';
import type { HostClient } from '@navisai/testkit';
import { WebSocket } from 'ws';

type Signer = HostClient['signer'];

export interface RawSocketOptions {
  origin: string;
  signer?: Signer;
  /** Instead of a signed query. */
  query?: Record<string, string>;
  headers?: Record<string, string>;
  subprotocols?: string[];
  ca?: string;
}

export class RawSocket implements Disposable {
  readonly socket: WebSocket;
  readonly events: HubEvent[] = [];
  readonly frames: BinaryFrame[] = [];
  closed: { code: number; reason: string } | undefined;
  /** HTTP status of an upgrade that was refused. */
  refusedWith: number | undefined;
  #seen = 0;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.on('unexpected-response', (request, response) => {
      this.refusedWith = response.statusCode;
      request.destroy();
      socket.terminate();
    });
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) this.frames.push(decodeBinaryFrame(new Uint8Array(data)));
      else this.events.push(JSON.parse(data.toString('utf8')) as HubEvent);
    });
    socket.on('close', (code, reason) => (this.closed = { code, reason: reason.toString('utf8') }));
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' || message instanceof Uint8Array ? message : JSON.stringify(message));
  }

  subscribe(id: string, to: object): void {
    this.send({ type: 'subscribe', data: { id, to } });
  }

  /** Terminal output of the text protocol, joined. */
  get text(): string {
    return this.all('terminal.output')
      .map(({ text }) => text)
      .join('');
  }

  all<T extends EventType>(type: T): EventData<T>[] {
    return this.events.filter((event) => event.type === type).map((event) => event.data as EventData<T>);
  }

  /** The next event of this type that was not waited for yet. */
  async next<T extends EventType>(type: T, deadlineMs?: number): Promise<EventData<T>> {
    const event = await until(
      () => `${type} comes; there are ${JSON.stringify(this.events.slice(-5))}`,
      () => this.events.find((candidate, index) => index >= this.#seen && candidate.type === type),
      deadlineMs,
    );
    this.#seen = this.events.indexOf(event) + 1;
    return event.data as EventData<T>;
  }

  /** Everything sent so far was read by the hub, and its answers came. */
  async settled(): Promise<void> {
    const id = newNonce();
    this.send({ type: 'ping', data: { id } });
    await until('the pong comes', () => this.all('pong').some((pong) => pong.id === id));
  }

  async ended(): Promise<{ code: number; reason: string }> {
    return until('the socket closes', () => this.closed);
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}

/** A fresh credential, as a query. */
export const socketCredential = async (signer: Signer): Promise<Record<string, string>> => {
  const timestamp = new Date().toISOString();
  const nonce = newNonce();
  const text = socketSigningText({ path: socketPath, timestamp, nonce, hubId: signer.hubId });
  return { deviceId: signer.deviceId, timestamp, nonce, signature: await signer.sign(text) };
};

/** Resolves when the socket is open, or over. */
export const openRawSocket = async (options: RawSocketOptions): Promise<RawSocket> => {
  const signed = options.signer === undefined ? {} : await socketCredential(options.signer);
  const query = new URLSearchParams({ ...signed, ...options.query }).toString();
  const url = `${options.origin.replace(/^http/, 'ws')}${socketPath}${query === '' ? '' : `?${query}`}`;
  const socket = new WebSocket(url, options.subprotocols ?? [], {
    perMessageDeflate: false,
    ...(options.headers === undefined ? {} : { headers: options.headers }),
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  });
  const raw = new RawSocket(socket);
  await until('the socket opens', () => socket.readyState !== WebSocket.CONNECTING);
  return raw;
};
