/** The seam between the live connection and each thing that is followed over it. */
import type { LinkState, SendOutcome } from '@navisai/link';
import type {
  BinaryFrame,
  ClientMessage,
  EventData,
  HubEvent,
  NavisError,
  SubscriptionRequest,
} from '@navisai/protocol';

/** What one follower may do with the connection. Everything sent while its subscription is not established is `down`. */
export interface Wire {
  readonly link: LinkState;
  send(message: ClientMessage): SendOutcome;
  sendBytes(frame: Omit<BinaryFrame, 'channel'>): SendOutcome;
  /** Marks a message as this follower's, so that an error about it comes back to `onRefused`. */
  messageId(): string;
  /** Something is missing: subscribe again from the cursor. */
  resubscribe(): void;
  /** Stops receiving until `resubscribe`. */
  pause(): void;
  /** The end: unsubscribes and forgets the follower. */
  leave(): void;
}

export interface Follower {
  /** Called for each (re)subscription: what to ask for, from the present cursor. */
  request(): SubscriptionRequest;
  onSubscribed(data: EventData<'subscribed'>): void;
  onEvent(event: HubEvent): void;
  onBytes(frame: BinaryFrame): void;
  /** Backfill is complete. */
  onLive(seq: number): void;
  /** The connection is gone, or its state changed while not subscribed. */
  onLink(state: LinkState): void;
  /** The hub refused one message of this follower. */
  onRefused(error: NavisError): void;
  /** The hub refused or ended the subscription; the follower is already forgotten. */
  onEnded(error: NavisError): void;
}
