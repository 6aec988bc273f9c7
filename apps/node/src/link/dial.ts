/** One connection to the hub: TLS, handshake, then a socket that carries the frames of the node. */
import type { Frame, Socket, SocketClose, SocketSink } from '@navisai/link';
import { createNodeSocketTransport, lookupFor, type TlsSession } from '@navisai/link/node';
import {
  type ErrorCode,
  maxNodeFrameBytes,
  NavisError,
  nodeBindingBytes,
  nodeBindingLabel,
  nodeCloseCodes,
  type NodeWelcome,
} from '@navisai/protocol';
import { beginHandshake, type Handshake, type HandshakeFacts } from './handshake.ts';

export interface DialRequest {
  hubUrl: string;
  facts: Omit<HandshakeFacts, 'bindingValue'>;
}

export interface DialSink extends SocketSink {
  /** Before `onOpen`; nothing of the hub is heard until it is done. Rejects NavisError when it cannot be served on these terms. */
  onWelcome(welcome: NodeWelcome): Promise<void>;
  /** Just before `onClose`. */
  onRefused(refusal: Refusal): void;
}

/** `isProven`: the pinned hub said so, over this connection. */
export interface Refusal {
  code: ErrorCode;
  message: string;
  isProven: boolean;
}

/** The hub has no reason to say more before it was answered. */
const maxEarlyFrames = 1000;

export const dialHub = async (request: DialRequest, sink: DialSink): Promise<Socket> => {
  const conversation = new Conversation(request, sink);
  const transport = createNodeSocketTransport({
    maxFrameBytes: maxNodeFrameBytes,
    lookup: lookupFor(request.hubUrl),
    onSession: (session) => conversation.onSession(session),
  });
  const url = new URL(`/ws/nodes/${encodeURIComponent(request.facts.nodeId)}`, request.hubUrl);
  url.protocol = 'wss:';
  return transport({ url: url.href, subprotocols: [] }, conversation);
};

/** What the sink sees begins with the welcome. */
class Conversation implements SocketSink {
  readonly #request: DialRequest;
  readonly #sink: DialSink;
  #session: TlsSession | undefined;
  #socket: Socket | undefined;
  #handshake: Handshake | undefined;
  #isWelcome = false;
  /** What the hub said behind its welcome, while that is put into force. */
  #early: Frame[] | undefined;
  #isProven = false;
  #isOver = false;

  constructor(request: DialRequest, sink: DialSink) {
    this.#request = request;
    this.#sink = sink;
  }

  onSession(session: TlsSession): void {
    this.#session = session;
  }

  onOpen(socket: Socket): void {
    this.#socket = socket;
    const bindingValue = this.#bindingValue();
    if (bindingValue === undefined) return;
    this.#handshake = beginHandshake({ ...this.#request.facts, bindingValue });
    socket.send(this.#handshake.hello);
  }

  onFrame(frame: Frame): void {
    if (this.#isOver) return;
    if (this.#isWelcome) return this.#sink.onFrame(frame);
    if (this.#early !== undefined) return this.#keep(frame);
    const step = this.#handshake?.receive(frame);
    if (step?.kind === 'send') {
      this.#isProven = true;
      this.#socket?.send(step.text);
    } else if (step?.kind === 'welcome') void this.#welcome(step.welcome);
    else if (step?.kind === 'refused') this.#refuse(step);
    else this.#end({ code: 1006, reason: step?.reason ?? 'it speaks too early' });
  }

  onClose(close: SocketClose): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const refusal = refusalOf(close, this.#isProven);
    if (refusal !== undefined) this.#sink.onRefused(refusal);
    this.#sink.onClose(close);
  }

  #bindingValue(): string | undefined {
    const session = this.#session;
    if (session === undefined) this.#end({ code: 1006, reason: 'the connection is not encrypted' });
    else if (this.#request.facts.binding === 'certificate') {
      if (session.isVerified) return 'certificate';
      const message = 'The certificate of the proxy in front of the hub is not valid. Nothing was told to it.';
      this.#refuse({ code: 'UNAUTHORIZED', message, isProven: false });
    } else return Buffer.from(session.exportKey(nodeBindingBytes, nodeBindingLabel)).toString('hex');
    return undefined;
  }

  #keep(frame: Frame): void {
    if (this.#early !== undefined && this.#early.length < maxEarlyFrames) this.#early.push(frame);
    else this.#end({ code: 1006, reason: 'it says too much before it can be heard' });
  }

  async #welcome(welcome: NodeWelcome): Promise<void> {
    this.#early = [];
    try {
      await this.#sink.onWelcome(welcome);
    } catch (error) {
      const { code, message } = error instanceof NavisError ? error : new NavisError('INTERNAL', String(error));
      this.#refuse({ code, message, isProven: true });
    }
    if (this.#isOver || this.#socket === undefined) return;
    this.#isWelcome = true;
    this.#sink.onOpen(this.#socket);
    for (const frame of this.#early) this.onFrame(frame);
    this.#early = undefined;
  }

  #refuse(refusal: Refusal): void {
    if (this.#isOver) return;
    this.#sink.onRefused(refusal);
    this.#end({ code: nodeCloseCodes.unauthorized, reason: refusal.message });
  }

  #end(close: SocketClose): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#socket?.close();
    this.#sink.onClose(close);
  }
}

const codesOfCloses: Readonly<Record<number, ErrorCode>> = {
  [nodeCloseCodes.unauthorized]: 'UNAUTHORIZED',
  [nodeCloseCodes.revoked]: 'NODE_REVOKED',
  [nodeCloseCodes.replaced]: 'NODE_REPLACED',
  [nodeCloseCodes.version]: 'VERSION_MISMATCH',
};

/** `undefined` for closes after which dialling again may help. */
const refusalOf = ({ code, reason }: SocketClose, isProven: boolean): Refusal | undefined => {
  const meaning = codesOfCloses[code];
  return meaning === undefined ? undefined : { code: meaning, message: reason, isProven };
};
