/** One socket of a node: bounded and on a deadline until the handshake is done, then a channel of the node's machine. */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Frame } from '@navisai/link';
import {
  type ErrorCode,
  handshakeDeadlineMs,
  NavisError,
  nodeBindingBytes,
  nodeBindingLabel,
  nodeCloseCodes,
  type NodeHello,
  nodeLifeSigns,
  type NodeRefused,
  type NodeWelcome,
  toErrorBody,
} from '@navisai/protocol';
import type { ChannelSink, RemoteChannel } from '@navisai/remote';
import type { FastifyBaseLogger } from 'fastify';
import type { WebSocket } from 'ws';
import { type Admission, admitNode, type HandshakeParts, requireNewest, violation } from './handshake.ts';
import type { LiveLink } from './live-links.ts';

export interface NodeConnectionParts extends HandshakeParts {
  log: FastifyBaseLogger;
  now: () => number;
  /** Pinned by nodes (N12). */
  owner: NodeWelcome['owner'];
  /** Signed by the owner (N12). */
  revocations: () => NodeWelcome['revocations'];
  /** Makes ready what a link of this node needs, so that `connect` takes no time. */
  prepare(nodeId: string): Promise<void>;
  connect(nodeId: string, channel: RemoteChannel): ChannelSink;
  /** It said what no honest node says, and is cut off. */
  onViolation(nodeId: string, reason: string): void;
  /** The link in use ended. */
  onGone(link: LiveLink): void;
}

export interface NodeConnectionFacts {
  socket: WebSocket;
  raw: Socket;
  /** From the path; nobody has shown yet to be it. */
  nodeId: string;
  peer: string;
}

/** `refused`: it did not become a node. */
export type ConnectionOutcome = 'admitted' | 'refused';

/** Everything that a socket may send before it is known. */
const maxUnknownBytes = 16 * 1024;
/** An honest node tells its load after a dozen. */
const maxLifeSigns = 1000;
/** A node that does not answer the close has this long. */
const closeDeadlineMs = 1000;

/** After all but these the node does not dial again by itself. */
const closeCodeOf: Partial<Record<ErrorCode, number>> = {
  INVALID_REQUEST: nodeCloseCodes.violation,
  NODE_KEY: nodeCloseCodes.unauthorized,
  NODE_REVOKED: nodeCloseCodes.revoked,
  NODE_REPLACED: nodeCloseCodes.replaced,
  VERSION_MISMATCH: nodeCloseCodes.version,
};

export class NodeConnection {
  readonly #parts: NodeConnectionParts;
  readonly #facts: NodeConnectionFacts;
  #waiting: { resolve(text: string): void; reject(error: unknown): void } | undefined;
  #problem: NavisError | undefined;
  #link: LiveLink | undefined;
  #sink: ChannelSink | undefined;
  /** Since a frame that says something. */
  #lifeSigns = 0;

  constructor(parts: NodeConnectionParts, facts: NodeConnectionFacts) {
    this.#parts = parts;
    this.#facts = facts;
    const { socket } = facts;
    socket.on('error', (error) => this.#onError(error));
    socket.on('message', (data: Buffer, isBinary) => this.#onMessage(data, isBinary));
    socket.on('close', () => this.#onClose());
  }

  /** Resolves when it is known whether this is a node; never rejects. */
  async run(): Promise<ConnectionOutcome> {
    const { raw } = this.#facts;
    const late = `the handshake took longer than ${handshakeDeadlineMs} ms`;
    const deadline = setTimeout(() => this.#fail(violation(late)), handshakeDeadlineMs);
    let received = 0;
    raw.on('data', (chunk: Buffer) => {
      // Of a large frame on a slow network every piece is a sign of life.
      if (this.#link !== undefined) this.#link.heardAt = performance.now();
      else received += chunk.length;
      // The parser of frames collects a whole message first: what it may collect is bounded here.
      if (received > maxUnknownBytes) this.#fail(violation('too much was sent before the handshake was done'));
    });
    try {
      this.#welcome(await this.#admit());
      received = 0;
      return 'admitted';
    } catch (error) {
      this.#refuse(error);
      return 'refused';
    } finally {
      clearTimeout(deadline);
    }
  }

  end(code: number, reason: string): void {
    const { socket } = this.#facts;
    this.#detach();
    socket.close(code, reason.slice(0, 120));
    const deadline = setTimeout(() => socket.terminate(), closeDeadlineMs);
    socket.on('close', () => clearTimeout(deadline));
  }

  async #admit(): Promise<Admission> {
    const { nodeId } = this.#facts;
    const admission = await admitNode(
      {
        nodeId,
        next: () => this.#next(),
        send: (frame) => this.#send(frame),
        bindingOf: (kind) => bindingOf(this.#facts.raw, kind),
      },
      this.#parts,
    );
    await this.#parts.prepare(nodeId);
    if (this.#problem !== undefined) throw this.#problem;
    return admission;
  }

  /** In one turn: from here on this is the node's link, and its frames are its machine's. */
  #welcome({ nodeId, epoch, bootId }: Admission): void {
    const { registry, links, now, connect } = this.#parts;
    const { peer } = this.#facts;
    const record = requireNewest(nodeId, { epoch, registry });
    const welcome: NodeWelcome = {
      type: 'welcome',
      epoch,
      name: record.name,
      labels: record.labels,
      owner: this.#parts.owner,
      revocations: this.#parts.revocations(),
      overlay: record.overlay,
      heartbeatMs: links.heartbeatMs,
      loadMs: links.loadMs,
      serverTime: new Date(now()).toISOString(),
    };
    this.#send(welcome);
    const end = (code: number, reason: string): void => this.end(code, reason);
    this.#link = links.add({ nodeId, bootId, epoch, peer, end });
    this.#sink = connect(nodeId, this.#channel());
    this.#parts.log.info({ nodeId, peer, epoch }, 'a node connected');
  }

  #channel(): RemoteChannel {
    const { socket } = this.#facts;
    return {
      send: (frame) => {
        if (socket.readyState === socket.OPEN) socket.send(frame);
      },
      get bufferedBytes() {
        return socket.bufferedAmount;
      },
      close: (code, reason) => this.end(code, reason),
    };
  }

  #next(): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    this.#waiting = { resolve, reject };
    if (this.#problem !== undefined) reject(this.#problem);
    return promise;
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    if (this.#link !== undefined) {
      if (data.length === 0) return this.#onLifeSign(isBinary);
      this.#lifeSigns = 0;
      return this.#sink?.receive(toFrame(data, isBinary));
    }
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#fail(violation('a frame came before its turn'));
    else if (isBinary) waiting.reject(violation('a binary frame came before the handshake was done'));
    else waiting.resolve(data.toString('utf8'));
  }

  /** That it came is all of it. What is just being sent is an answer, too: so none pile up at a node that does not read. */
  #onLifeSign(isAsking: boolean): void {
    const { socket } = this.#facts;
    this.#lifeSigns += 1;
    if (this.#lifeSigns > maxLifeSigns) return this.#onError(new Error('too many signs of life'));
    if (isAsking && socket.readyState === socket.OPEN && socket.bufferedAmount === 0) socket.send(nodeLifeSigns.here);
  }

  /** What went wrong while nobody waited for a frame is found by whoever waits next. */
  #fail(problem: NavisError): void {
    if (this.#problem !== undefined || this.#link !== undefined) return;
    this.#problem = problem;
    this.#facts.raw.pause();
    this.#waiting?.reject(problem);
  }

  #refuse(error: unknown): void {
    const { nodeId, peer, socket } = this.#facts;
    const { code, message } = toErrorBody(error);
    if (!(error instanceof NavisError)) this.#parts.log.error({ err: error, nodeId, peer }, 'a handshake failed');
    else if (socket.readyState === socket.OPEN)
      this.#parts.log.warn({ nodeId, peer, code, reason: message }, 'a node was refused');
    const refused: NodeRefused = { type: 'refused', code, message };
    this.#send(refused);
    this.end(closeCodeOf[code] ?? nodeCloseCodes.stopping, message);
  }

  #onError(error: Error): void {
    const { nodeId } = this.#facts;
    // Of the frames themselves, such as one that is too large: no honest node sends it.
    if (this.#link === undefined) return this.#fail(violation(error.message));
    this.#parts.onViolation(nodeId, error.message);
    this.end(nodeCloseCodes.violation, error.message);
  }

  #onClose(): void {
    if (this.#link === undefined) this.#fail(violation('the connection ended before the handshake was done'));
    else this.#detach();
  }

  /** Nothing that still comes is heard. */
  #detach(): void {
    const link = this.#link;
    const sink = this.#sink;
    this.#sink = undefined;
    if (link === undefined || sink === undefined) return;
    const wasInUse = this.#parts.links.remove(link);
    sink.closed();
    if (wasInUse) this.#parts.onGone(link);
  }

  #send(frame: object): void {
    const { socket } = this.#facts;
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(frame));
  }
}

const toFrame = (data: Buffer, isBinary: boolean): Frame =>
  isBinary ? new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength) : data.toString('utf8');

/** TLS 1.3 only: an exporter of an older version does not name both ends of the session. */
const bindingOf = (raw: Socket, kind: NodeHello['binding']): string => {
  if (kind === 'certificate') return kind;
  if (!(raw instanceof TLSSocket) || raw.getProtocol() !== 'TLSv1.3')
    throw violation('the connection to the hub is not TLS 1.3 to its end: a proxy needs the binding certificate');
  return raw.exportKeyingMaterial(nodeBindingBytes, nodeBindingLabel, Buffer.alloc(0)).toString('hex');
};
