/**
 * A `Machine` on the other side of a link: the node's end serves one, the hub's end is one. Neither knows what carries
 * the frames or who authenticated them; both survive any number of connections, one after the other.
 */
import type { Machine } from '@navisai/machine';
import type {
  Ceiling,
  NavisError,
  NodeAgentEvent,
  NodeAgentSpec,
  NodeLoad,
  NodeModelEvent,
  NodeModelRequest,
  TerminalInfo,
  ToolResult,
} from '@navisai/protocol';
import type { Frame } from '@navisai/link';

/** One connection that was authenticated already. */
export interface RemoteChannel {
  /** Must not throw; a channel that is closing drops the frame. */
  send(frame: Frame): void;
  /** Bytes accepted by `send` that have not left this process yet. */
  readonly bufferedBytes: number;
  close(code: number, reason: string): void;
}

/** What the owner of a channel tells its end. */
export interface ChannelSink {
  receive(frame: Frame): void;
  /** Nothing is received afterwards. */
  closed(): void;
}

export interface RemoteMachineOptions {
  nodeId: string;
  /** Terminals as they were last known, so that they are shown while the node is away. */
  known: readonly TerminalInfo[];
  /** Whether this session was ever given work on this node: what a node tells of another session is a violation. */
  mayHold(sessionId: string): boolean;
  /**
   * The node tells of sessions that it may not hold. True: it may from now on, and connects again; false, and without this: it
   * is a violation. The connection waits for the answer and hears nothing meanwhile.
   */
  onUnknownSessions?: ((sessionIds: readonly string[]) => Promise<boolean>) | undefined;
  /** The node sent what no honest node sends: the channel was closed with nodeCloseCodes.violation and this reason. */
  onViolation(reason: string): void;
  onLoad(load: NodeLoad): void;
  /** The node's owner takes it away; the connection is the caller's to end. */
  onLeave?: (() => void) | undefined;
  /** A connection is in use and everything that was known of the node is true again, or it is lost. */
  onPresence(isConnected: boolean): void;
  /** As told to the node in `welcome`; default 5 s. */
  heartbeatMs?: number | undefined;
  /** A fault of this side, to be logged. */
  onUnexpected?: ((error: unknown) => void) | undefined;
  /** Milliseconds of a clock that never goes back; default: `performance.now`. */
  now?: () => number;
  /** How long a run on a node that is gone is waited for; default 30 s. */
  agentGraceMs?: number | undefined;
}

/**
 * The hub's end. `execute` answers NODE_OFFLINE when there is no connection, and goes on over later connections when
 * there was one; `input` and `resize` reject LINK_DOWN and send nothing (T18, N6, N7). `start` resolves at once.
 */
export interface RemoteMachine extends Machine {
  readonly nodeId: string;
  readonly isConnected: boolean;
  readonly load: NodeLoad | undefined;
  /**
   * Takes the place of the connection before, whose frames are dropped from now on (epochs). The connection before is
   * closed with 1001; where it is of another process, the owner drops it first with `nodeCloseCodes.replaced`.
   */
  connect(channel: RemoteChannel): ChannelSink;
  /** Closes the connection there is. */
  drop(code: number, reason: string): void;
  /** To be called at least every `heartbeatMs`: ends a connection that was silent for three of them (half-open). */
  checkSilence(): void;
  /** Ends what this session has on the node, at its next connection or now, without waiting for it. */
  forget(sessionId: string): void;
  /** Runs the loop of a sub-agent there. Never throws: what goes wrong is told to the sink, which hears an end or `onLost`. */
  startAgent(order: NodeAgentOrder, sink: NodeAgentSink): NodeAgentRun;
}

/** A run whose loop is on the node (N8). */
export interface NodeAgentOrder {
  runId: string;
  sessionId: string;
  spec: NodeAgentSpec;
}

/** A call that a loop wants to make. */
export interface NodeAgentCall {
  callId: string;
  tool: string;
  arguments: unknown;
  signal: AbortSignal;
}

/** What the hub does for a run on a node. Nothing of it rejects; all of it ends with the run. */
export interface NodeAgentSink {
  /** Each once and in order; the node goes on behind a `message` only when this has resolved. The last one is `end`. */
  onEvent(event: NodeAgentEvent): Promise<void>;
  /** The last event is `end` or `error`. */
  model(request: NodeModelRequest, signal: AbortSignal): AsyncIterable<NodeModelEvent>;
  /** A call for the node itself, once it is allowed, is executed there and answers the loop without this hub. */
  call(call: NodeAgentCall): Promise<ToolResult>;
  /** Instead of an end: INTERRUPTED when the node's program ended or the node stays away, or why it was not begun. */
  onLost(error: NavisError): void;
}

export interface NodeAgentRun {
  /** What the run is doing ends, then it tells its end. */
  stop(reason: string): void;
}

/** What an agent's loop on a node works with. */
export interface ServedRun {
  readonly spec: NodeAgentSpec;
  readonly signal: AbortSignal;
  model(request: NodeModelRequest, signal: AbortSignal): AsyncIterable<NodeModelEvent>;
  call(call: NodeAgentCall): Promise<ToolResult>;
}

/** The loop of an agent. The last event is `end`. */
export type AgentLoop = (run: ServedRun) => AsyncIterable<NodeAgentEvent>;

export interface MachineServiceOptions {
  machine: Machine;
  load(): NodeLoad;
  heartbeatMs: number;
  onOverlay(overlay: Ceiling | null): void;
  /** Without it no sub-agent runs here. */
  agentLoop?: AgentLoop | undefined;
  /** What the hub told and is not believed, to be logged. */
  onUnexpected?: ((error: unknown) => void) | undefined;
}

/** Made once per process; to be disposed before its machine. The node's end: executes what the hub asks, keeps results until they are acknowledged, streams by credit. */
export interface MachineService extends AsyncDisposable {
  connect(channel: RemoteChannel): ChannelSink;
}
