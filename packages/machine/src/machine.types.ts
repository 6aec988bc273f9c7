/**
 * The face of a computer: everything a hub can ask of one machine. `createMachine` implements it for this computer;
 * a remote node will implement it over the link, so nothing here may assume that caller and machine share a process.
 */
import type {
  ApprovalsMode,
  CallAuthority,
  Ceiling,
  EventData,
  ExplainRequest,
  MachinePolicy,
  PolicyDecision,
  ProjectDetail,
  ProjectScan,
  SignedText,
  TerminalInfo,
  ToolResult,
} from '@navisai/protocol';
import type { ExitState, OutputSink, OutputSubscription, ScreenSnapshot } from './pty-hosts.types.ts';

/** One call of one tool. `execute` never throws: every failure is a ToolResult (architecture: the only door to execution). */
export interface ToolCallRequest {
  tool: string;
  /** As received; judged by the tool's schema. `node_id` and `call_id` are already taken out. */
  arguments: unknown;
  sessionId: string;
  /** Unique; a second call with the same id waits for, or answers with, the result of the first. */
  callId: string;
  userId: string;
  /** Who is behind the call, for policy. */
  origin: 'person' | 'agent';
  /** Of an agent's call: when it must have an authority; default `risky` (A1). */
  approvals?: ApprovalsMode | undefined;
  /** Shows that a person allowed it: judged where it runs (N12). */
  authority?: CallAuthority | undefined;
  /** An agent's call that the person let run outside of the sandbox that hides Navis's own state (A7). */
  isUnmasked?: boolean | undefined;
}

export interface CallOutputSink {
  /** `offset` is later than the end of the chunk before where bytes were lost. A promise holds the next chunk back. */
  onOutput(chunk: { stream: 'stdout' | 'stderr'; offset: number; bytes: Uint8Array }): void | Promise<void>;
  onEnd(end: { exitCode: number | null; signal: string | null }): void;
}

export interface ViewerSink extends OutputSink {
  /** The screen to start from, or to continue from after `onSkipped`. */
  onSnapshot(snapshot: ScreenSnapshot & { firstOffset: number }): void;
  /** A viewer without snapshots was too slow; nothing follows. */
  onOverflow(): void;
}

export interface AttachRequest {
  terminalId: string;
  /** Continue from here when that costs less than a screen; else begin with a snapshot (`snapshot`), or at the oldest retained byte. */
  from?: number | undefined;
  snapshot: boolean;
  scrollback: number;
  windowBytes: number;
}

/** A tool call as told to viewers of its session (N9); not kept by the machine. */
export type ToolEvent =
  | { type: 'tool_started'; sessionId: string; data: EventData<'tool_started'> }
  | { type: 'tool_call'; sessionId: string; data: EventData<'tool_call'> };

/** Part of a file on its way to another machine; under the guard like the tool `filesystem`. */
export interface FileReadRequest {
  sessionId: string;
  userId: string;
  origin: 'person' | 'agent';
  path: string;
  from: number;
  maxBytes: number;
}

export interface FileReadResult {
  bytes: Uint8Array;
  sizeBytes: number;
  /** Permission bits. */
  mode: number;
  /** Changes when the file was changed between two reads. */
  version: string;
}

/** Pieces come in order; one that was written already is taken again without harm. */
export interface FileWriteRequest {
  sessionId: string;
  userId: string;
  origin: 'person' | 'agent';
  /** One per copy; its bytes lie beside the target until the end and are forgotten after an hour without a piece. */
  transferId: string;
  path: string;
  offset: number;
  bytes: Uint8Array;
  /** On the last piece: checked, then put in place atomically. */
  finish?: { sizeBytes: number; sha256: string; mode: number; overwrite: boolean } | undefined;
}

export type MachineEvent =
  | ToolEvent
  | { type: 'terminal.opened'; terminal: TerminalInfo }
  | { type: 'terminal.exited'; terminal: TerminalInfo; exit: ExitState }
  | { type: 'terminal.closed'; terminal: TerminalInfo; reason: string }
  | { type: 'terminal.idle_warning'; terminal: TerminalInfo; reason: string }
  /** Title, size or health changed; not kept in any log. */
  | { type: 'terminal.updated'; terminal: TerminalInfo; reason?: string };

/** `controller` and `viewers` of TerminalInfo are the hub's knowledge; the machine fills them with null and the number of attachments. */
export interface Machine extends AsyncDisposable {
  /** Re-adopts hosts; resolves when `terminals` is true. */
  start(): Promise<void>;
  execute(request: ToolCallRequest): Promise<ToolResult>;
  /** Ends a call under way with everything it started, which then answers CANCELLED; nothing when it has ended. */
  cancelCall(request: { sessionId: string; callId: string }): Promise<void>;
  /** The caller has kept the result: what was recorded of the call may be forgotten (N7). */
  acknowledgeCall(request: { sessionId: string; callId: string }): void;
  /** Signals the process group of a `run` under way. Rejects NOT_FOUND. */
  signalCall(request: { sessionId: string; callId: string; signal: NodeJS.Signals }): Promise<void>;
  /** Live output of a `run`, also of one that is about to start (waits at most 10 s for it). */
  watchCall(
    request: { sessionId: string; callId: string; stdout: number; stderr: number },
    sink: CallOutputSink,
  ): { close(): void };
  /** Whole output of a call (T3). Rejects NOT_FOUND. */
  readOutput(request: {
    sessionId: string;
    callId: string;
    from: number;
    maxBytes: number;
  }): Promise<{ offset: number; bytes: Uint8Array; endOffset: number }>;
  terminals(sessionId?: string): TerminalInfo[];
  terminal(terminalId: string): TerminalInfo | undefined;
  attach(request: AttachRequest, sink: ViewerSink): OutputSubscription;
  /** Raw bytes of a viewer in control (no newline translation). Resolves with what the program's PTY took. */
  input(terminalId: string, bytes: Uint8Array): Promise<{ acceptedBytes: number }>;
  resize(terminalId: string, size: { columns: number; rows: number }): Promise<void>;
  setQueryResponder(terminalId: string, responder: 'screen' | 'viewer'): void;
  readHistory(request: {
    terminalId: string;
    from: number;
    maxBytes: number;
  }): Promise<{ offset: number; bytes: Uint8Array; firstOffset: number; endOffset: number }>;
  /** Ends and forgets every terminal of a session. */
  closeSession(sessionId: string, reason: string): Promise<void>;
  onEvent(listener: (event: MachineEvent) => void): () => void;
  policy(): Promise<MachinePolicy>;
  /** Narrows what the node's own ceiling allows; kept over restarts (N12). */
  setOverlay(overlay: Ceiling | null): Promise<void>;
  /** Devices whose signatures count no longer; kept over restarts, and never fewer (N12). Rejects POLICY_DENIED. */
  learnRevocations(signed: SignedText): Promise<void>;
  explain(request: ExplainRequest & { userId: string; origin: 'person' | 'agent' }): Promise<PolicyDecision>;
  /** Rejects FILE_NOT_FOUND, FILE_REFUSED, POLICY_DENIED. */
  readFile(request: FileReadRequest): Promise<FileReadResult>;
  /** Resolves with the offset that comes next. Rejects FILE_CONFLICT, FILE_REFUSED, POLICY_DENIED. */
  writeFile(request: FileWriteRequest): Promise<{ nextOffset: number }>;
  /** One slice of a search for projects, at most about a second long; `scan` goes on, without it one begins (I18). Rejects POLICY_DENIED, NOT_FOUND. */
  discoverProjects(scan?: string): Promise<ProjectScan>;
  /** As it is now. Rejects NOT_FOUND, POLICY_DENIED. */
  project(path: string): Promise<ProjectDetail>;
  /** Ends every terminal, run and host process (`down`); nothing of them is left. Leaving without it keeps them (`restart`). */
  shutdown(): Promise<void>;
}

/** A one-shot command for the run-host. */
export interface RunRequest {
  callId: string;
  sessionId: string;
  file: string;
  args: string[];
  workingDirectory: string;
  environment: Record<string, string>;
  timeoutMs: number;
}

export type RunEnd =
  | { kind: 'ended'; exitCode: number | null; signal: string | null }
  | { kind: 'timeout' }
  | { kind: 'cancelled' }
  /** The run-host or the machine died before the end; it is not run again (N7). */
  | { kind: 'interrupted' }
  | { kind: 'spawnFailed'; message: string };

/**
 * stdout and stderr: the first and the newest bytes of each, up to `maxInlineOutputBytes` at either end (`tail` is empty
 * when `head` holds all). On disk each keeps `maxStoredOutputBytes`: its first half stays, then the newest bytes.
 */
export interface RunOutcome {
  end: RunEnd;
  stdout: { head: Uint8Array; tail: Uint8Array; totalBytes: number };
  stderr: { head: Uint8Array; tail: Uint8Array; totalBytes: number };
  startedAt: string;
  endedAt: string;
  /** Such as output that was lost on a full disk; for `metadata.warnings`. */
  warnings: readonly string[];
}

/** One-shot commands in the run-host process: they go on, and their results are kept, while the hub is away (T7, T8, N7). */
export interface RunHosts extends AsyncDisposable {
  start(): Promise<void>;
  /** Starts the call, or joins one of the same id. The record is on disk before the spawn. */
  run(request: RunRequest): Promise<RunOutcome>;
  /** The outcome is now known to the hub's caller; the record may be forgotten after the retention of its output. */
  signal(callId: string, signal: NodeJS.Signals): Promise<void>;
  cancel(callId: string): Promise<void>;
  has(callId: string): boolean;
  sessionOf(callId: string): string | undefined;
  watch(request: { callId: string; stdout: number; stderr: number }, sink: CallOutputSink): { close(): void };
  readOutput(request: {
    callId: string;
    from: number;
    maxBytes: number;
  }): Promise<{ offset: number; bytes: Uint8Array; endOffset: number }>;
  shutdown(): Promise<void>;
}
