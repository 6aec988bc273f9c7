/**
 * The hello of the supervisor protocol: the version is agreed on and both sides prove, by HMAC over both nonces, that
 * they know the token of the 0600 file, without telling it.
 *
 *   client → { service, versions, nonce }      server → { version, nonce, proof } or { refused, versions }
 *   client → { proof }                         server → { welcome }
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { FramedSocket } from './framed-socket.ts';
import type { Frame } from './frames.ts';

export interface ProtocolVersions {
  min: number;
  max: number;
}

export interface HandshakeOptions {
  /** Which kind of host this is about, such as `pty-host`; part of what is proven. */
  service: string;
  versions: ProtocolVersions;
  token: Uint8Array;
  deadlineMs?: number;
}

export interface Agreed {
  version: number;
  /** What the server tells about itself. */
  facts: Record<string, unknown>;
}

export type HandshakeFault = 'version' | 'token' | 'protocol' | 'deadline' | 'closed';

export class HandshakeError extends Error {
  readonly fault: HandshakeFault;

  constructor(fault: HandshakeFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

const handshakeDeadlineMs = 5000;
const nonceBytes = 32;

/** The client's side; resolves once the server has proven itself and accepted. Rejects with HandshakeError. */
export const greetHost = (socket: FramedSocket, options: HandshakeOptions): Promise<Agreed> =>
  withDeadline(socket, options.deadlineMs, async (receive) => {
    const nonce = randomBytes(nonceBytes).toString('hex');
    socket.sendMessage({ service: options.service, versions: options.versions, nonce });
    const answer = await receive();
    if (answer.refused === 'version') throw new HandshakeError('version', 'No protocol version is spoken by both.');
    const version = Number(answer.version);
    const { min, max } = options.versions;
    if (!Number.isInteger(version) || version < min || version > max || typeof answer.nonce !== 'string') {
      throw new HandshakeError('protocol', 'The host answered something else than a hello.');
    }
    const transcript = { ...options, version, clientNonce: nonce, serverNonce: answer.nonce };
    if (!isProof(answer.proof, { ...transcript, side: 'host' })) {
      throw new HandshakeError('token', 'The host does not know the token.');
    }
    socket.trust();
    socket.sendMessage({ proof: proofOf({ ...transcript, side: 'hub' }) });
    const { welcome } = await receive();
    if (typeof welcome !== 'object' || welcome === null)
      throw new HandshakeError('token', 'The host refused the token.');
    return { version, facts: { ...welcome } };
  });

/** The host's side. Rejects with HandshakeError; the socket is closed then. */
export const welcomeHub = (
  socket: FramedSocket,
  options: HandshakeOptions & { facts: Record<string, unknown> },
): Promise<Agreed> =>
  withDeadline(socket, options.deadlineMs, async (receive) => {
    const hello = await receive();
    const version = hello.service === options.service ? agreeOn(options.versions, hello.versions) : null;
    if (version === null || typeof hello.nonce !== 'string') {
      socket.sendMessage({ refused: 'version', versions: options.versions });
      throw new HandshakeError('version', 'No protocol version is spoken by both.');
    }
    const serverNonce = randomBytes(nonceBytes).toString('hex');
    const transcript = { ...options, version, clientNonce: hello.nonce, serverNonce };
    socket.sendMessage({ version, nonce: serverNonce, proof: proofOf({ ...transcript, side: 'host' }) });
    const { proof } = await receive();
    if (!isProof(proof, { ...transcript, side: 'hub' })) {
      socket.sendMessage({ refused: 'token' });
      throw new HandshakeError('token', 'The peer does not know the token.');
    }
    socket.trust();
    socket.sendMessage({ welcome: options.facts });
    return { version, facts: {} };
  });

/** The highest version that both speak, or `null`. */
export const agreeOn = (own: ProtocolVersions, offered: unknown): number | null => {
  const { min, max } = (offered ?? {}) as { min?: unknown; max?: unknown };
  if (!Number.isInteger(min) || !Number.isInteger(max)) return null;
  const version = Math.min(own.max, Number(max));
  return version >= Math.max(own.min, Number(min)) ? version : null;
};

interface Transcript {
  token: Uint8Array;
  service: string;
  side: 'hub' | 'host';
  version: number;
  clientNonce: string;
  serverNonce: string;
}

const proofOf = ({ token, service, side, version, clientNonce, serverNonce }: Transcript): string =>
  createHmac('sha256', token)
    .update(['navis-host', service, side, version, clientNonce, serverNonce].join('\n'))
    .digest('hex');

const isProof = (given: unknown, transcript: Transcript): boolean => {
  const expected = Buffer.from(proofOf(transcript));
  const actual = Buffer.from(typeof given === 'string' ? given : '');
  return actual.length === expected.length && timingSafeEqual(actual, expected);
};

type Receive = () => Promise<Record<string, unknown>>;

/** Runs the exchange; whatever ends it other than success closes the socket. */
const withDeadline = async (
  socket: FramedSocket,
  deadlineMs: number | undefined,
  exchange: (receive: Receive) => Promise<Agreed>,
): Promise<Agreed> => {
  let timer: NodeJS.Timeout | undefined;
  const inbox = new Inbox();
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new HandshakeError('deadline', 'The hello took too long.')),
      deadlineMs ?? handshakeDeadlineMs,
    );
  });
  socket.listen({
    onFrame: (frame) => inbox.put(frame),
    onClose: (reason) => inbox.fail(new HandshakeError('closed', reason)),
    onDrain: () => undefined,
  });
  try {
    const agreed = await Promise.race([exchange(() => inbox.take()), deadline]);
    socket.release(inbox.unread());
    return agreed;
  } catch (error) {
    socket.end('handshake failed');
    throw error;
  } finally {
    clearTimeout(timer);
  }
};

/** Frames that may wait unread: answers of the hello, and the first events that follow it closely. */
const maxUnread = 256;

class Inbox {
  #frames: Frame[] = [];
  #fault: HandshakeError | null = null;
  #wake: (() => void) | null = null;

  put(frame: Frame): void {
    if (this.#frames.length >= maxUnread)
      return this.fail(new HandshakeError('protocol', 'The peer spoke out of turn.'));
    this.#frames.push(frame);
    this.#wake?.();
  }

  fail(fault: HandshakeError): void {
    this.#fault ??= fault;
    this.#wake?.();
  }

  unread(): Frame[] {
    return this.#frames;
  }

  async take(): Promise<Record<string, unknown>> {
    if (this.#frames.length === 0 && this.#fault === null) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    const frame = this.#frames.shift();
    if (frame === undefined) throw this.#fault ?? new HandshakeError('closed', 'connection closed');
    if (frame.kind !== 'message' || typeof frame.message !== 'object' || frame.message === null) {
      throw new HandshakeError('protocol', 'The peer answered something else than a hello.');
    }
    return { ...frame.message };
  }
}
