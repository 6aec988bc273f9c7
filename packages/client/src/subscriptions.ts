/** What is followed over one live connection: asked for again on every socket, and told what concerns it. */
import type { Frame, LinkState, SendOutcome } from '@navisai/link';
import { NavisError, encodeBinaryFrame, isErrorCode } from '@navisai/protocol';
import type { BinaryFrame, ClientMessage, EventData, HubEvent } from '@navisai/protocol';
import type { Follower, Wire } from './follower.types.ts';

interface Entry {
  key: string;
  follower: Follower;
  /** Of the subscription that counts; `undefined` while paused or not asked for on this socket. */
  wireId: string | undefined;
  /** The hub has answered `subscribed`: events may be routed here. */
  isEstablished: boolean;
  channel: number | undefined;
  isPaused: boolean;
}

export class Subscriptions {
  readonly #send: (frame: Frame) => SendOutcome;
  readonly #link: () => LinkState;
  readonly #entries = new Map<string, Entry>();
  readonly #byWireId = new Map<string, Entry>();
  readonly #byChannel = new Map<number, Entry>();
  #lastWireId = 0;

  constructor(connection: { send: (frame: Frame) => SendOutcome; link: () => LinkState }) {
    this.#send = connection.send;
    this.#link = connection.link;
  }

  /** Throws NavisError CONFLICT when `key` is followed already. */
  add<F extends Follower>(key: string, make: (wire: Wire) => F): F {
    if (this.#entries.has(key)) throw new NavisError('CONFLICT', `This connection already follows ${key}.`);
    const holder: { entry: Entry | undefined } = { entry: undefined };
    const follower = make(this.#wireOf(holder));
    const entry = {
      key,
      follower,
      wireId: undefined,
      isEstablished: false,
      channel: undefined,
      isPaused: false,
    };
    holder.entry = entry;
    this.#entries.set(key, entry);
    this.#subscribe(entry);
    return follower;
  }

  clear(): void {
    this.#entries.clear();
    this.#byWireId.clear();
    this.#byChannel.clear();
  }

  onConnected(): void {
    const link = this.#link();
    for (const entry of this.#entries.values()) {
      this.#forget(entry);
      entry.follower.onLink(link);
      if (!entry.isPaused) this.#subscribe(entry);
    }
  }

  onLink(state: LinkState): void {
    for (const entry of this.#entries.values()) {
      this.#forget(entry);
      entry.follower.onLink(state);
    }
  }

  onBytes(frame: BinaryFrame): void {
    this.#byChannel.get(frame.channel)?.follower.onBytes(frame);
  }

  onEvent(event: HubEvent): void {
    switch (event.type) {
      case 'subscribed':
        this.#onSubscribed(event.data);
        break;
      case 'live':
        this.#byWireId.get(event.data.id)?.follower.onLive(event.data.seq);
        break;
      case 'unsubscribed':
        this.#end(this.#byWireId.get(event.data.id), event.data);
        break;
      default:
        for (const key of keysOf(event)) this.#established(key)?.follower.onEvent(event);
    }
  }

  /** An error is about a subscription, about one message of a follower, or about a terminal. */
  onError(data: EventData<'error'>, error: NavisError): void {
    const [wireId = '', isAboutMessage] = (data.id ?? '').split(':');
    const entry = this.#byWireId.get(wireId) ?? this.#entries.get(`terminal ${String(data.terminalId)}`);
    if (entry === undefined) return;
    if (data.id === entry.wireId && isAboutMessage === undefined) this.#end(entry, { ...data, error });
    else entry.follower.onRefused(error);
  }

  #onSubscribed(data: EventData<'subscribed'>): void {
    const entry = this.#byWireId.get(data.id);
    if (entry === undefined) return;
    entry.isEstablished = true;
    entry.channel = data.channel;
    if (data.channel !== undefined) this.#byChannel.set(data.channel, entry);
    entry.follower.onSubscribed(data);
  }

  #established(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    return entry?.isEstablished ? entry : undefined;
  }

  #end(entry: Entry | undefined, told: { code: string; message: string; error?: NavisError }): void {
    if (entry === undefined) return;
    this.#forget(entry);
    this.#entries.delete(entry.key);
    const code = isErrorCode(told.code) ? told.code : 'INTERNAL';
    entry.follower.onEnded(told.error ?? new NavisError(code, told.message));
  }

  #subscribe(entry: Entry): void {
    if (this.#link().kind !== 'connected') return;
    this.#lastWireId += 1;
    const wireId = String(this.#lastWireId);
    const to = entry.follower.request();
    entry.wireId = wireId;
    this.#byWireId.set(wireId, entry);
    this.#sendMessage({ type: 'subscribe', data: { id: wireId, to } });
  }

  #unsubscribe(entry: Entry): void {
    const { wireId } = entry;
    this.#forget(entry);
    if (wireId !== undefined) this.#sendMessage({ type: 'unsubscribe', data: { id: wireId } });
  }

  #forget(entry: Entry): void {
    if (entry.wireId !== undefined) this.#byWireId.delete(entry.wireId);
    if (entry.channel !== undefined) this.#byChannel.delete(entry.channel);
    entry.wireId = undefined;
    entry.channel = undefined;
    entry.isEstablished = false;
  }

  #sendMessage(message: ClientMessage): SendOutcome {
    return this.#send(JSON.stringify(message));
  }

  #wireOf(holder: { entry: Entry | undefined }): Wire {
    const link = this.#link;
    const ifEstablished = (send: (entry: Entry) => SendOutcome): SendOutcome =>
      holder.entry?.isEstablished === true ? send(holder.entry) : 'down';
    return {
      get link() {
        return link();
      },
      send: (message) => ifEstablished(() => this.#sendMessage(message)),
      sendBytes: (frame) =>
        ifEstablished((entry) =>
          entry.channel === undefined ? 'down' : this.#send(encodeBinaryFrame({ ...frame, channel: entry.channel })),
        ),
      messageId: () => `${holder.entry?.wireId ?? ''}:m`,
      resubscribe: () => {
        const { entry } = holder;
        if (entry === undefined || this.#entries.get(entry.key) !== entry) return;
        entry.isPaused = false;
        this.#unsubscribe(entry);
        this.#subscribe(entry);
      },
      pause: () => {
        if (holder.entry === undefined) return;
        holder.entry.isPaused = true;
        this.#unsubscribe(holder.entry);
      },
      leave: () => {
        if (holder.entry === undefined || this.#entries.get(holder.entry.key) !== holder.entry) return;
        this.#unsubscribe(holder.entry);
        this.#entries.delete(holder.entry.key);
      },
    };
  }
}

/** Which followers an event concerns. A session's own stream orders its events; the hub's stream shows copies of them. */
const keysOf = (event: HubEvent): string[] => {
  const data: object = event.data;
  if ('terminalId' in data) return [`terminal ${String(data.terminalId)}`];
  // Other events name a call too, and are rows of the session.
  if (event.type === 'call.output' || event.type === 'call.end') return [`call ${event.data.callId}`];
  if (event.sessionId !== undefined) return [`session ${event.sessionId}`, 'hub'];
  return ['hub'];
};
