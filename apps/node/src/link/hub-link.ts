/** The node's one logical connection to its hub: dials for ever, hands each connection to the service, ends when refused. */
import { createLink, type Link, type LinkState, type Socket, type SocketClose } from '@navisai/link';
import {
  handshakeDeadlineMs,
  NavisError,
  type NodePlatform,
  type NodeWelcome,
  nodeCloseCodes,
} from '@navisai/protocol';
import type { ChannelSink, MachineService, RemoteChannel } from '@navisai/remote';
import type { Candidacy } from '../join/membership.ts';
import type { NodeKeyPair } from '../join/node-key.ts';
import type { Settings } from '../settings/settings.ts';
import { dialHub, type Refusal } from './dial.ts';
import { LifeSigns } from './life-signs.ts';

/** What became of the link, for people and for `run/node.json`. */
export type HubLinkState =
  | { kind: 'connecting' }
  | { kind: 'connected'; name: string; epoch: number }
  | { kind: 'reconnecting'; reason: string };

export interface HubLinkOptions {
  candidacy: Candidacy;
  keyPair: NodeKeyPair;
  binding: Settings['binding'];
  version: string;
  platform(): NodePlatform;
  service: MachineService;
  /** The hub has confirmed this node; before anything is served. Rejects when it cannot be served on these terms. */
  onWelcome(welcome: NodeWelcome): Promise<void>;
  onState(state: HubLinkState): void;
  /** A frame came or went. */
  onTraffic(): void;
  /** Nothing is dialled any more. */
  onRefused(error: NavisError): void;
}

/** The service or the signs of life beat and watch for silence, so the link's own heartbeat never comes. */
const never = 2 ** 31 - 1;

export const openHubLink = (options: HubLinkOptions): Disposable => new HubLink(options);

class HubLink implements Disposable {
  readonly #options: HubLinkOptions;
  /** One per process: the hub tells its reconnects from another process of the same id. */
  readonly #bootId = crypto.randomUUID();
  readonly #link: Link;
  #epoch: number | null = null;
  /** Told by the hub in this process: the secret is not needed any more. */
  #isConfirmed = false;
  #welcome: NodeWelcome | undefined;
  #socket: Socket | undefined;
  #sink: ChannelSink | undefined;
  #life: LifeSigns | undefined;
  #refusal: Refusal | undefined;
  #lastReason = '';

  constructor(options: HubLinkOptions) {
    this.#options = options;
    this.#link = createLink({
      dial: (sink) => {
        this.#refusal = undefined;
        return dialHub(this.#request(), {
          onWelcome: (welcome) => this.#onWelcome(welcome),
          onRefused: (refusal) => (this.#refusal = refusal),
          onOpen: (socket) => {
            this.#socket = socket;
            sink.onOpen(socket);
          },
          onFrame: (frame) => sink.onFrame(frame),
          onClose: (close) => sink.onClose(close),
        });
      },
      onConnected: () => this.#serve(),
      onFrame: (frame) => {
        this.#life?.heard();
        if (frame.length === 0) return;
        options.onTraffic();
        this.#sink?.receive(frame);
      },
      onState: (state) => this.#onState(state),
      judgeClose: (close) => this.#judge(close),
      makePing: () => '',
      heartbeat: { everyMs: never, timeoutMs: never },
      connectTimeoutMs: handshakeDeadlineMs,
    });
  }

  [Symbol.dispose](): void {
    this.#endChannel();
    this.#socket?.close(nodeCloseCodes.stopping, 'the node leaves');
    this.#link.close();
  }

  #request(): Parameters<typeof dialHub>[0] {
    const { candidacy, keyPair, binding, version, platform } = this.#options;
    const { nodeId, hubId, hubUrl } = candidacy;
    const secret = this.#isConfirmed ? undefined : candidacy.secret;
    const self = { bootId: this.#bootId, epoch: this.#epoch, version, platform: platform() };
    return { hubUrl, facts: { nodeId, hubId, keyPair, secret, binding, ...self } };
  }

  #onWelcome(welcome: NodeWelcome): Promise<void> {
    this.#welcome = welcome;
    this.#epoch = welcome.epoch;
    this.#isConfirmed = true;
    return this.#options.onWelcome(welcome);
  }

  #serve(): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    this.#sink = this.#options.service.connect(asChannel(socket, this.#options.onTraffic));
    if (this.#welcome?.loadMs === undefined) return;
    this.#life = new LifeSigns({
      everyMs: this.#welcome.heartbeatMs,
      send: (frame) => socket.send(frame),
      onSilence: () => this.#link.drop('the hub is silent'),
    });
  }

  #onState(state: LinkState): void {
    if (state.kind !== 'connected') this.#endChannel();
    if (state.kind === 'connected' && this.#welcome !== undefined)
      this.#options.onState({ kind: 'connected', name: this.#welcome.name, epoch: this.#welcome.epoch });
    if (state.kind === 'reconnecting') this.#options.onState({ kind: 'reconnecting', reason: this.#lastReason });
    if (state.kind === 'refused') this.#options.onRefused(new NavisError(state.code, state.message));
  }

  #endChannel(): void {
    this.#life?.[Symbol.dispose]();
    this.#life = undefined;
    this.#sink?.closed();
    this.#sink = undefined;
  }

  /**
   * Whoever sits in the network can refuse a node; a node that has joined before only believes its own hub, and goes on
   * dialling otherwise. Without that, one evening in a hostile network would keep it away for ever.
   */
  #judge({ reason }: SocketClose): ReturnType<NonNullable<Parameters<typeof createLink>[0]['judgeClose']>> {
    const refusal = this.#refusal;
    this.#lastReason = refusal?.message || reason || 'the connection ended';
    const hasJoined = this.#isConfirmed || this.#options.candidacy.membership !== undefined;
    if (refusal === undefined || (hasJoined && !refusal.isProven)) return { kind: 'retry' };
    const { code, message } = refusal;
    return { kind: 'refused', code, message: message === '' ? new NavisError(code).message : message };
  }
}

const asChannel = (socket: Socket, onTraffic: () => void): RemoteChannel => ({
  send: (frame) => {
    onTraffic();
    socket.send(frame);
  },
  get bufferedBytes() {
    return socket.bufferedBytes;
  },
  close: (code, reason) => socket.close(code, reason),
});
