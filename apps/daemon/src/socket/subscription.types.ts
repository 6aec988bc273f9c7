/** What a connection and its subscriptions know of each other. */
import type { Device, NavisError, SubscriptionRequest } from '@navisai/protocol';
import type { Hub } from '../hub.ts';
import type { Outlet } from './outlet.ts';
import type { TerminalViewers } from './terminal-viewers.ts';

/** What every socket of the hub shares. */
export interface SocketHub {
  readonly hub: Hub;
  readonly viewers: TerminalViewers;
}

/** What a subscription may use of the connection that it belongs to. */
export interface SubscriptionContext extends SocketHub {
  readonly device: Device;
  readonly outlet: Outlet;
  /** The client's name for the subscription. */
  readonly id: string;
  /** Names binary frames of this subscription; unique in its connection. */
  readonly channel: number;
  /** True while the connection also follows this session's own stream. */
  followsSession(sessionId: string): boolean;
  /** The hub ends it: the client is told `unsubscribed` and the connection forgets it. */
  end(error: NavisError): void;
  /** The whole connection is of no use: closed, the client comes back by its cursors. */
  restartConnection(reason: string): void;
}

export interface Subscription {
  /** Two of the same key would be indistinguishable on one connection. */
  readonly key: string;
  close(): void;
}

export type RequestOf<K extends SubscriptionRequest['kind']> = Extract<SubscriptionRequest, { kind: K }>;
