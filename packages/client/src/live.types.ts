/** Live events over one reconnecting `/ws` connection: what can be followed, and what comes back. */
import type { LinkState } from '@navisai/link';
import type { HubEvent, NavisError } from '@navisai/protocol';
import type { TerminalHandlers, TerminalView, TerminalViewOptions } from './terminal-view.types.ts';

export interface Live {
  readonly state: LinkState;
  /** Called with the present state at once, then at every change. Returns how to stop. */
  onState(listener: (state: LinkState) => void): () => void;
  /**
   * Events of the stream `hub`, and live copies of `session.update` of every session (with the `seq` of their session;
   * a copy may come twice, and is not backfilled). One at a time.
   */
  followHub(handlers: EventStreamHandlers, cursor?: EventCursor): EventStream;
  /** The event log of one session. One at a time per session. */
  followSession(sessionId: string, handlers: EventStreamHandlers, cursor?: EventCursor): EventStream;
  /** One terminal, resumed by byte offset across reconnects. One view at a time per terminal. */
  viewTerminal(options: TerminalViewOptions, handlers: TerminalHandlers): TerminalView;
  /** Output of one `run`; follow it just before the call is made. Resumed by byte offsets. */
  followCall(call: CallAddress, handlers: CallHandlers): CallStream;
  /** The network may be back or the person looks again: attempt now, or check that the hub is still there. */
  retryNow(): void;
  close(): void;
}

/** Where to continue: the last seen row of which generation of the store. Without: from now on. `after: 0`: from the beginning. */
export interface EventCursor {
  after: number;
  generation?: string | undefined;
}

export interface EventStreamHandlers {
  /** Rows come in order, each once, also across reconnects; events without `seq` only while connected. */
  onEvent(event: HubEvent): void;
  /** The store was restored or reset (I8): forget what this stream told; it starts over from `cursor`. */
  onReset?(cursor: EventCursor): void;
  /** Everything up to now has been told; called after each (re)connect. */
  onLive?(cursor: EventCursor): void;
  /** The hub ended the subscription (closed session, lost right); nothing follows. */
  onEnd?(error: NavisError): void;
}

export interface EventStream {
  /** `undefined` until the hub has told one. */
  readonly cursor: EventCursor | undefined;
  close(): void;
}

export interface CallAddress {
  sessionId: string;
  callId: string;
  /** Where it runs; default: the hub's own machine. */
  nodeId?: string | undefined;
}

export interface CallHandlers {
  /** In order per stream, each byte once. A returned promise delays what follows. */
  onOutput(chunk: { stream: 'stdout' | 'stderr'; offset: number; bytes: Uint8Array }): void | Promise<void>;
  /** Without code and signal: the command was interrupted, or nobody knows the call (yet). */
  onEnd?(end: { exitCode: number | null; signal: string | null }): void;
  /** Unknown call, or it never started. */
  onError?(error: NavisError): void;
}

export interface CallStream {
  /** Asks for the rest once more, from where it is; after its end too, if that was one without code and signal. */
  refresh(): void;
  close(): void;
}
