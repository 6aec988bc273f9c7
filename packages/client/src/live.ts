/** The live connection: one link, and everything that is followed over it, resumed after every reconnect. */
import { createLink } from '@navisai/link';
import type { CloseVerdict, Frame, Link, LinkOptions, LinkState, SocketTransport } from '@navisai/link';
import {
  NavisError,
  binarySubprotocol,
  decodeBinaryFrame,
  isErrorCode,
  readHubEvent,
  socketCloseRevoked,
  socketCloseUnauthorized,
} from '@navisai/protocol';
import type { EventData, HubEvent } from '@navisai/protocol';
import { CallFollower } from './call-stream.ts';
import { EventStreamFollower } from './event-stream.ts';
import type { Follower, Wire } from './follower.types.ts';
import { createHubClock } from './hub-clock.ts';
import type { HubClock } from './hub-clock.ts';
import type {
  CallAddress,
  CallHandlers,
  CallStream,
  EventCursor,
  EventStream,
  EventStreamHandlers,
  Live,
} from './live.types.ts';
import type { Signer } from './signer.ts';
import { signSocketUrl } from './socket-url.ts';
import { Subscriptions } from './subscriptions.ts';
import { TerminalFollower } from './terminal-view.ts';
import type { TerminalHandlers, TerminalView, TerminalViewOptions } from './terminal-view.types.ts';

export interface LiveOptions {
  origin: string;
  signer: Signer | undefined;
  sockets: SocketTransport;
  clock?: HubClock;
  /** Default: `readHubEvent`, which trusts the hub. What it returns `undefined` for is skipped. */
  readEvent?: ((input: unknown) => HubEvent | undefined) | undefined;
  /** For tests: pauses, heartbeat, time and chance. */
  link?: Partial<Pick<LinkOptions, 'backoff' | 'heartbeat' | 'connectTimeoutMs' | 'now' | 'random'>>;
}

/** Connects at once. Throws NavisError UNAUTHORIZED without a signer. */
export const createLive = (options: LiveOptions): Live => {
  if (options.signer === undefined) throw new NavisError('UNAUTHORIZED', 'This client is not paired with the hub.');
  return new LiveConnection({ ...options, signer: options.signer, clock: options.clock ?? createHubClock() });
};

class LiveConnection implements Live {
  readonly #clock: HubClock;
  readonly #readEvent: (input: unknown) => HubEvent | undefined;
  readonly #link: Link;
  readonly #subscriptions: Subscriptions;
  readonly #stateListeners = new Set<(state: LinkState) => void>();
  #state: LinkState = { kind: 'connecting' };
  /** The error that the hub told before it closed the socket. */
  #farewell: EventData<'error'> | undefined;
  #pings = 0;

  constructor(options: LiveOptions & { signer: Signer; clock: HubClock }) {
    const { origin, signer, sockets, clock } = options;
    this.#clock = clock;
    this.#readEvent = options.readEvent ?? readHubEvent;
    this.#subscriptions = new Subscriptions({
      send: (frame) => this.#link.send(frame),
      link: () => this.#state,
    });
    this.#link = createLink({
      ...options.link,
      dial: async (sink) =>
        sockets({ url: await signSocketUrl({ origin, signer, clock }), subprotocols: [binarySubprotocol] }, sink),
      onConnected: () => this.#subscriptions.onConnected(),
      onFrame: (frame) => this.#onFrame(frame),
      onState: (state) => this.#onState(state),
      judgeClose: (close) => this.#judgeClose(close.code),
      makePing: () => JSON.stringify({ type: 'ping', data: { id: `p${(this.#pings += 1)}` } }),
    });
  }

  get state(): LinkState {
    return this.#state;
  }

  onState(listener: (state: LinkState) => void): () => void {
    this.#stateListeners.add(listener);
    listener(this.#state);
    return () => this.#stateListeners.delete(listener);
  }

  followHub(handlers: EventStreamHandlers, cursor?: EventCursor): EventStream {
    return this.#follow('hub', (wire) => new EventStreamFollower({ sessionId: undefined, handlers, cursor }, wire));
  }

  followSession(sessionId: string, handlers: EventStreamHandlers, cursor?: EventCursor): EventStream {
    const make = (wire: Wire) => new EventStreamFollower({ sessionId, handlers, cursor }, wire);
    return this.#follow(`session ${sessionId}`, make);
  }

  viewTerminal(options: TerminalViewOptions, handlers: TerminalHandlers): TerminalView {
    const make = (wire: Wire) => new TerminalFollower({ options, handlers, wire });
    return this.#follow(`terminal ${options.terminalId}`, make);
  }

  followCall(call: CallAddress, handlers: CallHandlers): CallStream {
    return this.#follow(`call ${call.callId}`, (wire) => new CallFollower({ call, handlers, wire }));
  }

  retryNow(): void {
    this.#link.retryNow();
  }

  close(): void {
    this.#link.close();
    this.#subscriptions.clear();
  }

  #follow<F extends Follower>(key: string, make: (wire: Wire) => F): F {
    return this.#subscriptions.add(key, make);
  }

  #onState(state: LinkState): void {
    this.#state = state;
    if (state.kind !== 'connected') this.#subscriptions.onLink(state);
    for (const listener of this.#stateListeners) listener(state);
  }

  #onFrame(frame: Frame): void {
    if (typeof frame !== 'string') {
      this.#onBinary(frame);
      return;
    }
    const event = this.#readEvent(parseJson(frame));
    if (event === undefined) return;
    // An error with a row is an agent's, and stands in the log of its session (N9).
    if (event.type === 'error' && event.data.seq === undefined) this.#onError(event.data);
    else this.#subscriptions.onEvent(event);
  }

  #onBinary(frame: Uint8Array<ArrayBuffer>): void {
    try {
      this.#subscriptions.onBytes(decodeBinaryFrame(frame));
    } catch (error) {
      if (error instanceof NavisError && error.code === 'INVALID_REQUEST') this.#link.drop(error.message);
      else throw error;
    }
  }

  #onError(data: EventData<'error'>): void {
    if (data.code === 'UNAUTHORIZED') this.#farewell = data;
    else this.#subscriptions.onError(data, errorOf(data));
  }

  #judgeClose(code: number): CloseVerdict {
    const farewell = this.#farewell;
    this.#farewell = undefined;
    if (code === socketCloseRevoked)
      return { kind: 'refused', code: 'UNAUTHORIZED', message: 'This device was revoked.' };
    if (code !== socketCloseUnauthorized || farewell === undefined) return { kind: 'retry' };
    const error = errorOf(farewell);
    if (farewell.serverTime !== undefined && this.#clock.adopt(farewell.serverTime)) return { kind: 'retryAtOnce' };
    // A degraded hub and a clock that is right by now are no judgement about this device.
    if (error.code === 'DEGRADED' || error.code === 'CLOCK_SKEW') return { kind: 'retry' };
    return { kind: 'refused', code: error.code, message: error.message };
  }
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const errorOf = (data: EventData<'error'>): NavisError => {
  const { code, message, reason, id: _id, ...details } = data;
  return new NavisError(isErrorCode(reason) ? reason : code, message, { details });
};
