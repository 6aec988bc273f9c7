/** The wire as any program may speak it: signed requests with bodies of any bytes, and a plain WebSocket. */
import { readFile } from 'node:fs/promises';
import { createNodeHttp, createNodeSigner, readHostDevice } from '@navisai/client/node';
import type { HttpResponse, Signer } from '@navisai/client';
import {
  formatAuthorization,
  newNonce,
  requestSigningText,
  sha256Hex,
  socketPath,
  socketSigningText,
  textSubprotocol,
  type HubEvent,
} from '@navisai/protocol';
import { until } from '@navisai/testkit';
import { WebSocket } from 'ws';

export interface HubPlace {
  readonly home: string;
  readonly origin: string;
}

export interface WireRequest {
  method: string;
  /** With query, as it is to be sent. */
  path: string;
  /** Sent as it is; anything but bytes is sent as JSON. */
  body?: unknown;
  contentType?: string;
}

export interface WireAnswer {
  status: number;
  text: string;
  /** `undefined` when the answer is no JSON object. */
  json: Record<string, unknown> | undefined;
}

const deadlineMs = 20_000;

/** Sends requests of the host's own device. */
export const openWire = async ({ home, origin }: HubPlace): Promise<(request: WireRequest) => Promise<WireAnswer>> => {
  const { signer, ca } = await hostKeys(home);
  const http = createNodeHttp({ origin, ca });
  return async ({ method, path, body, contentType = 'application/json' }) => {
    const bytes = toBytes(body);
    const timestamp = new Date().toISOString();
    const nonce = newNonce();
    const bodySha256 = await sha256Hex(bytes ?? new Uint8Array());
    const text = requestSigningText({ method, pathAndQuery: path, bodySha256, timestamp, nonce, hubId: signer.hubId });
    const credential = { deviceId: signer.deviceId, timestamp, nonce, signature: await signer.sign(text) };
    const headers = {
      authorization: formatAuthorization(credential),
      ...(bytes === undefined ? {} : { 'content-type': contentType }),
    };
    const signal = AbortSignal.timeout(deadlineMs);
    return answerOf(await http({ method, pathAndQuery: path, headers, body: bytes, signal }));
  };
};

const toBytes = (body: unknown): Uint8Array<ArrayBuffer> | undefined => {
  if (body === undefined || body instanceof Uint8Array) return body as Uint8Array<ArrayBuffer> | undefined;
  return new TextEncoder().encode(JSON.stringify(body));
};

const answerOf = ({ status, body }: HttpResponse): WireAnswer => {
  const text = new TextDecoder().decode(body);
  try {
    return { status, text, json: JSON.parse(text) as Record<string, unknown> };
  } catch {
    return { status, text, json: undefined };
  }
};

const hostKeys = async (home: string): Promise<{ signer: Signer; ca: string }> => {
  const device = await readHostDevice(home);
  return { signer: createNodeSigner(device), ca: await readFile(device.caFile, 'utf8') };
};

type EventOf<T extends HubEvent['type']> = Extract<HubEvent, { type: T }>;

/** A socket without any cleverness of the client's. */
export class Socket implements AsyncDisposable {
  readonly events: HubEvent[] = [];
  readonly #socket: WebSocket;
  readonly #listeners = new Set<(event: HubEvent) => void>();

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) return;
      const event = JSON.parse(data.toString('utf8')) as HubEvent;
      this.events.push(event);
      for (const listener of this.#listeners) listener(event);
    });
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  onEvent(listener: (event: HubEvent) => void): void {
    this.#listeners.add(listener);
  }

  /** Text and bytes as they are, anything else as JSON. */
  send(message: unknown): void {
    const isRaw = typeof message === 'string' || message instanceof Uint8Array;
    this.#socket.send(isRaw ? message : JSON.stringify(message));
  }

  /** The first event of this type that is accepted. */
  async event<T extends HubEvent['type']>(
    type: T,
    accepts: (event: EventOf<T>) => boolean = () => true,
  ): Promise<EventOf<T>> {
    const find = () =>
      this.events.find((event): event is EventOf<T> => event.type === type && accepts(event as EventOf<T>));
    return until(() => `${type} comes; the last were ${JSON.stringify(this.events.slice(-3)).slice(0, 2000)}`, find);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.terminate();
    await until('the socket is closed', () => this.#socket.readyState === WebSocket.CLOSED);
  }
}

/** Resolves when the socket of the host's own device is open. */
export const openSocket = async ({ home, origin }: HubPlace): Promise<Socket> => {
  const { signer, ca } = await hostKeys(home);
  const timestamp = new Date().toISOString();
  const nonce = newNonce();
  const text = socketSigningText({ path: socketPath, timestamp, nonce, hubId: signer.hubId });
  const query = new URLSearchParams({
    deviceId: signer.deviceId,
    timestamp,
    nonce,
    signature: await signer.sign(text),
  });
  const url = `${origin.replace(/^http/, 'ws')}${socketPath}?${query.toString()}`;
  const socket = new Socket(new WebSocket(url, [textSubprotocol], { perMessageDeflate: false, ca }));
  await until('the socket opens', () => socket.isOpen);
  return socket;
};
