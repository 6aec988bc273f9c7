/** What a link is: one logical connection over many sockets, one after the other. */
import type { ErrorCode } from '@navisai/protocol';
import type { Frame, Socket, SocketClose, SocketSink } from './socket.types.ts';

/** `since` and `nextAttemptAt` are milliseconds since 1970 of the local clock. */
export type LinkState =
  | { kind: 'connecting' }
  | { kind: 'connected'; since: number }
  | { kind: 'reconnecting'; since: number; attempt: number; nextAttemptAt: number }
  /** The other side does not want this client; only `retryNow` tries again. */
  | { kind: 'refused'; code: ErrorCode; message: string }
  | { kind: 'closed' };

/** What becomes of the link after its socket closed. */
export type CloseVerdict =
  | { kind: 'retry' }
  /** Without waiting, once in a row: the cause is already corrected. */
  | { kind: 'retryAtOnce' }
  | { kind: 'refused'; code: ErrorCode; message: string };

/** `down`: there is no connection; `full`: LINK_OVERFLOW, more than `maxSendBytes` wait to leave. Nothing is queued in either case. */
export type SendOutcome = 'sent' | 'down' | 'full';

export interface Backoff {
  firstMs: number;
  factor: number;
  /** The longest pause while the outage is younger than `outageMs`, in rising order. */
  young: readonly { outageMs: number; maxMs: number }[];
  /** The longest pause later on. */
  maxMs: number;
}

export interface LinkOptions {
  /** Opens the next socket; called once per attempt, so that every attempt has a fresh credential. May reject. */
  dial: (sink: SocketSink) => Promise<Socket>;
  /** A socket is open: say hello, resume by cursors. */
  onConnected: (connection: { subprotocol: string }) => void;
  onFrame: (frame: Frame) => void;
  onState?: (state: LinkState) => void;
  /** Default: retry. */
  judgeClose?: (close: SocketClose) => CloseVerdict;
  /** Sent when the other side was silent; anything received counts as life. */
  makePing: () => Frame;
  backoff?: Partial<Backoff>;
  heartbeat?: { everyMs?: number; timeoutMs?: number };
  connectTimeoutMs?: number;
  maxSendBytes?: number;
  now?: () => number;
  random?: () => number;
}

export interface Link {
  readonly state: LinkState;
  send(frame: Frame): SendOutcome;
  /** The network may be back, or the person looks: attempt now; when connected, check that the other side is there. */
  retryNow(): void;
  /** The connection is of no use (protocol error): end it and reconnect. */
  drop(reason: string): void;
  close(): void;
}
