/** Sockets of Node.js (`ws`) for the link. */
import type { LookupFunction } from 'node:net';
import type { Writable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import { closeTimeoutMs } from '../socket.types.ts';
import type { Frame, Socket, SocketClose, SocketRequest, SocketSink, SocketTransport } from '../socket.types.ts';

export interface NodeSocketOptions {
  /** Certificates (PEM) to trust instead of the system's. */
  ca?: string | string[] | undefined;
  /** How the name in the address is resolved; default: by the system. */
  lookup?: LookupFunction | undefined;
  /** Largest message that is read. */
  maxFrameBytes?: number;
  /** What happens over the session decides whom this is: any certificate is taken, before `onOpen` the session is told. */
  onSession?: ((session: TlsSession) => void) | undefined;
}

export interface TlsSession {
  /** The certificate is valid for this name by `ca`, else by the roots that Node.js brings along. */
  readonly isVerified: boolean;
  /** RFC 5705: the same bytes at both ends of this session, and nowhere else. */
  exportKey(bytes: number, label: string): Uint8Array;
}

const toFrame = (data: Buffer | ArrayBuffer | Buffer[], isBinary: boolean): Frame => {
  if (Array.isArray(data)) return toFrame(Buffer.concat(data), isBinary);
  const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
  return isBinary
    ? new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength)
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
};

/** A transport that opens sockets with `ws`. */
export const createNodeSocketTransport =
  (options: NodeSocketOptions = {}): SocketTransport =>
  (request, sink) =>
    openNodeSocket(request, sink, options);

const openNodeSocket = (request: SocketRequest, sink: SocketSink, options: NodeSocketOptions): Socket => {
  const native = new WebSocket(request.url, request.subprotocols, {
    perMessageDeflate: false,
    maxPayload: options.maxFrameBytes ?? 64 * 1024 * 1024,
    // A mask hides what pages of others send from proxies that see it; TLS hides it better, and masks cost two passes over every byte.
    ...(request.url.startsWith('wss:') ? { generateMask: leaveZero } : {}),
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    ...(options.lookup === undefined ? {} : { lookup: options.lookup }),
    // Exported keys of TLS 1.2 need not be of one session only.
    ...(options.onSession === undefined ? {} : { rejectUnauthorized: false, minVersion: 'TLSv1.3' as const }),
  });
  const life = { isOver: false, lastError: '' };
  const writes = new TurnWrites();
  const end = (close: SocketClose): void => {
    if (life.isOver) return;
    life.isOver = true;
    sink.onClose(close);
  };
  const socket = asSocket(native, writes, () => end({ code: 1006, reason: 'terminated' }));
  native.on('error', (error) => (life.lastError = error.message));
  native.on('upgrade', ({ socket: stream }) => {
    writes.stream = stream;
    if (!life.isOver && stream instanceof TLSSocket) options.onSession?.(describeSession(stream));
  });
  native.on('open', () => {
    if (!life.isOver) sink.onOpen(socket);
  });
  native.on('message', (data, isBinary) => {
    if (!life.isOver) sink.onFrame(toFrame(data, isBinary));
  });
  native.on('close', (code, reason) => end({ code, reason: reason.toString('utf8') || life.lastError }));
  return socket;
};

/** RFC 6455, 5.3: a mask of zeros leaves the bytes as they are. */
const leaveZero = (): void => undefined;

const describeSession = (stream: TLSSocket): TlsSession => ({
  isVerified: stream.authorized,
  exportKey: (bytes, label) => stream.exportKeyingMaterial(bytes, label, Buffer.alloc(0)),
});

/** The first frame of a turn leaves at once, the others of that turn together: one record of TLS, a reader that wakes once. */
class TurnWrites {
  stream: Writable | undefined;
  #frames = 0;

  /** Before each frame. */
  begin(): void {
    this.#frames += 1;
    if (this.#frames === 1) process.nextTick(() => this.#end());
    if (this.#frames === 2) this.stream?.cork();
  }

  #end(): void {
    if (this.#frames > 1) this.stream?.uncork();
    this.#frames = 0;
  }
}

const asSocket = (native: WebSocket, writes: TurnWrites, onTerminate: () => void): Socket => ({
  send: (frame) => {
    if (native.readyState !== WebSocket.OPEN) return;
    writes.begin();
    native.send(frame);
  },
  get bufferedBytes() {
    return native.bufferedAmount;
  },
  get subprotocol() {
    return native.protocol;
  },
  close: (code = 1000, reason = '') => {
    native.close(code, reason);
    setTimeout(() => native.terminate(), closeTimeoutMs).unref();
  },
  terminate: () => {
    native.terminate();
    onTerminate();
  },
});
