/** One client's socket after its credential was accepted: what it asked for, and what it may do. */
import { NavisError, isErrorCode, scopeIncludes, toErrorBody } from '@navisai/protocol';
import type { Device, EventData, SubscriptionRequest } from '@navisai/protocol';
import { callKey, openCallSubscription } from './call-subscription.ts';
import { keyOf, openEventSubscription } from './event-subscription.ts';
import type { Outlet } from './outlet.ts';
import type { SocketHub, Subscription, SubscriptionContext } from './subscription.types.ts';
import { TerminalSubscription, openTerminalSubscription, terminalKey } from './terminal-subscription.ts';

/** More at once on one socket are refused. */
export const maxSubscriptions = 256;
/** Input that the terminals of one socket have not taken yet; beyond it input is refused with BACK_PRESSURE. */
const maxInputUnderWay = 1024 * 1024;
/** The hub restarts something below this connection: come back (RFC 6455 registry: service restart). */
const socketCloseRestart = 1012;

export interface ConnectionOptions {
  shared: SocketHub;
  device: Device;
  outlet: Outlet;
  close: (code: number, reason: string) => void;
}

interface Slot {
  key: string;
  /** Aborted when the client leaves, also while the subscription is still being opened. */
  left: AbortController;
  channel: number;
  subscription: Subscription | undefined;
  /** Settles when the subscription is open or refused; never rejects. */
  opened: Promise<void>;
}

export class Connection {
  readonly device: Device;
  readonly #options: ConnectionOptions;
  readonly #slots = new Map<string, Slot>();
  #lastChannel = 0;
  #inputUnderWay = 0;
  #isOver = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.device = options.device;
  }

  get outlet(): Outlet {
    return this.#options.outlet;
  }

  get shared(): SocketHub {
    return this.#options.shared;
  }

  /** Rejects CONFLICT for a second subscription of the same name or thing, and what the subscription itself refuses. */
  async subscribe(id: string, to: SubscriptionRequest): Promise<void> {
    const key = keyOfRequest(to);
    this.#checkRoom(id, key);
    const opened = Promise.withResolvers<void>();
    const slot: Slot = {
      key,
      left: new AbortController(),
      channel: (this.#lastChannel += 1),
      subscription: undefined,
      opened: opened.promise,
    };
    this.#slots.set(id, slot);
    try {
      const subscription = await this.#open(this.#contextOf(id, slot), to, slot.left.signal);
      slot.subscription = subscription;
      if (slot.left.signal.aborted) subscription.close();
    } catch (error) {
      const wasLeft = slot.left.signal.aborted;
      if (this.#slots.get(id) === slot) this.#slots.delete(id);
      if (wasLeft) return;
      // That the store cannot be read now is no judgement about the subscription: the client comes back by its cursors.
      if (error instanceof NavisError && error.code === 'DEGRADED') this.close(socketCloseRestart, error.message);
      else throw error;
    } finally {
      opened.resolve();
    }
  }

  /** While a view of this terminal is being opened: its end, so that what the client sent after `subscribe` comes after it. */
  openingOf(terminalId: string): Promise<void> | undefined {
    const key = terminalKey(terminalId);
    for (const slot of this.#slots.values())
      if (slot.key === key && slot.subscription === undefined) return slot.opened;
    return undefined;
  }

  /** Leaving what is not there is no error: it may just have been ended by the hub. */
  unsubscribe(id: string): void {
    const slot = this.#slots.get(id);
    this.#slots.delete(id);
    slot?.left.abort();
    slot?.subscription?.close();
  }

  /** Throws NOT_FOUND unless this connection views the terminal. */
  viewOf(terminalId: string): TerminalSubscription {
    const key = terminalKey(terminalId);
    return this.#view((slot) => slot.key === key);
  }

  viewOfChannel(channel: number): TerminalSubscription {
    return this.#view((slot) => slot.channel === channel);
  }

  /** Rejects CONTROL_REQUIRED, FORBIDDEN, BACK_PRESSURE with `accepted_bytes`, and what the terminal refuses. */
  async input(view: TerminalSubscription, bytes: Uint8Array): Promise<void> {
    const { hub, viewers } = this.shared;
    this.requireOperator();
    viewers.requireControl(view.terminalId, view.viewerId);
    if (this.#inputUnderWay + bytes.length > maxInputUnderWay) throw backPressure(0);
    this.#inputUnderWay += bytes.length;
    try {
      const { acceptedBytes } = await hub.machine.input(view.terminalId, bytes);
      if (acceptedBytes < bytes.length) throw backPressure(acceptedBytes);
    } finally {
      this.#inputUnderWay -= bytes.length;
    }
  }

  requireOperator(): void {
    if (!scopeIncludes(this.device.scope, 'operator'))
      throw new NavisError('FORBIDDEN', 'This device may look, not act.');
  }

  /** Tells the client what went wrong with one of its messages (I9); never throws. */
  refuse(error: unknown, about: { id?: string | undefined; terminalId?: string | undefined } = {}): void {
    if (!(error instanceof NavisError)) this.shared.hub.log.error({ err: error }, 'a socket message failed');
    this.outlet.tell('error', errorEvent(error, about));
  }

  close(code: number, reason: string): void {
    this.#options.close(code, reason);
  }

  /** The socket is gone. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const id of this.#slots.keys()) this.unsubscribe(id);
  }

  #view(matches: (slot: Slot) => boolean): TerminalSubscription {
    for (const slot of this.#slots.values())
      if (matches(slot) && slot.subscription instanceof TerminalSubscription) return slot.subscription;
    throw new NavisError('NOT_FOUND', 'This connection does not view that terminal. Subscribe first.');
  }

  #checkRoom(id: string, key: string): void {
    if (this.#isOver) throw new NavisError('CONFLICT', 'The connection is closing.');
    if (this.#slots.has(id)) throw new NavisError('CONFLICT', 'A subscription of this id exists.', { field: 'id' });
    if ([...this.#slots.values()].some((slot) => slot.key === key))
      throw new NavisError('CONFLICT', 'This connection is subscribed to that already.');
    if (this.#slots.size >= maxSubscriptions)
      throw new NavisError('RATE_LIMITED', `One connection holds at most ${maxSubscriptions} subscriptions.`);
  }

  #open(context: SubscriptionContext, to: SubscriptionRequest, signal: AbortSignal): Promise<Subscription> {
    switch (to.kind) {
      case 'hub':
      case 'session':
        return openEventSubscription(context, to, signal);
      case 'terminal':
        return openTerminalSubscription(context, to, signal);
      case 'call':
        return openCallSubscription(context, to, signal);
    }
  }

  #contextOf(id: string, slot: Slot): SubscriptionContext {
    return {
      ...this.shared,
      device: this.device,
      outlet: this.outlet,
      id,
      channel: slot.channel,
      followsSession: (sessionId) =>
        [...this.#slots.values()].some(({ key, subscription }) => {
          return subscription !== undefined && key === keyOf({ kind: 'session', sessionId });
        }),
      end: (error) => {
        if (this.#slots.get(id) !== slot) return;
        this.unsubscribe(id);
        this.outlet.tell('unsubscribed', { id, code: error.code, message: error.message });
      },
      restartConnection: (reason) => this.close(socketCloseRestart, reason),
    };
  }
}

const keyOfRequest = (to: SubscriptionRequest): string => {
  switch (to.kind) {
    case 'hub':
    case 'session':
      return keyOf(to);
    case 'terminal':
      return terminalKey(to.terminalId);
    case 'call':
      return callKey(to.callId);
  }
};

const backPressure = (acceptedBytes: number): NavisError =>
  new NavisError('BACK_PRESSURE', undefined, { details: { accepted_bytes: acceptedBytes } });

/** The three codes of I9, with the finer one as `reason`. */
export const errorEvent = (
  error: unknown,
  about: { id?: string | undefined; terminalId?: string | undefined } = {},
): EventData<'error'> => {
  const { code, message, ...details } = toErrorBody(error);
  const family = code === 'INTERNAL' ? 'INTERNAL' : isAboutIdentity(code) ? 'UNAUTHORIZED' : 'INVALID_REQUEST';
  const reason = isErrorCode(code) && code !== family ? { reason: code } : {};
  return { ...details, code: family, message: message.slice(0, 1000), ...reason, ...withoutUndefined(about) };
};

const isAboutIdentity = (code: string): boolean => code === 'UNAUTHORIZED' || code === 'CLOCK_SKEW';

const withoutUndefined = (about: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(about).filter((entry): entry is [string, string] => entry[1] !== undefined));
