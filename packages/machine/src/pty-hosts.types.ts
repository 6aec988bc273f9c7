/**
 * The seam between the terminals of this machine (`pty-hosts.ts`, which speaks to the pty-host processes) and
 * everything that uses them: the tool `terminal`, the sweep, the viewers. All methods work on live terminals and on
 * those that only left their log and record on disk.
 */

/** What a terminal is started with. `environment` is complete: the host adds only `TERM`, `NAVIS_TERMINAL_ID` and, for shells, the integration variables. */
export interface PtyOpenRequest {
  terminalId: string;
  sessionId: string;
  name: string;
  description: string;
  /** The text that runs, as `[shell, '-c', command]` would; kept for `list`. */
  command: string;
  /** Program and arguments really executed. */
  file: string;
  args: string[];
  workingDirectory: string;
  environment: Record<string, string>;
  columns: number;
  rows: number;
  background: boolean;
  keepAlive: boolean;
  /** Opaque to the host, kept in the record (deadlines, opener, idle limits …). */
  labels: Record<string, string>;
}

export interface ExitState {
  /** `null` when ended by a signal or lost. */
  exitCode: number | null;
  signal: string | null;
  /** ISO 8601. */
  at: string;
  /** `exited` truly observed; `lost` when the host or the machine died first. */
  kind: 'exited' | 'lost';
  /** For `lost`: `lost (reboot)` or `lost (terminal host ended)`. */
  reason?: string;
}

/** The durable facts of one terminal; also the JSON of its `record.json`. */
export interface TerminalRecord extends PtyOpenRequest {
  pid: number;
  /** Start time of `pid` as the kernel tells it, so a reused PID is never signalled. */
  pidStartTime: string;
  startedAt: string;
  exit: ExitState | null;
  /** Offset after the last byte. */
  endOffset: number;
  /** Oldest offset that can still be read. */
  firstOffset: number;
  /** ISO 8601; output or input. */
  lastActivityAt: string;
  title: string;
}

export interface ScreenSnapshot {
  /** The byte offset that this screen is the state of; live bytes continue here. */
  offset: number;
  columns: number;
  rows: number;
  /** Escape sequences that repaint the screen (and `scrollback` lines above it) on a reset terminal. */
  data: string;
  title: string;
  /** Directory told by OSC 7, if any. */
  cwd: string | null;
  alternateScreen: boolean;
  /** True during a flood: `offset` lags the end by at most the bound of the host; the bytes between follow as output. */
  catchingUp: boolean;
}

export interface OutputChunk {
  offset: number;
  bytes: Uint8Array;
}

/** One reader of a terminal. Flow is by credit: at most `windowBytes` beyond the last `acknowledge` are delivered. */
export interface OutputSubscription {
  /** The reader has consumed everything before `offset`. */
  acknowledge(offset: number): void;
  close(): void;
}

export interface OutputSink {
  /** In order, without gap or overlap, starting at the `from` of the subscription. */
  onOutput(chunk: OutputChunk): void;
  /** The bytes [from, to) are not delivered: they are no longer retained, or `skipWhenSlow` let the reader be skipped ahead. */
  onSkipped(range: { from: number; to: number }): void;
  /** After the last byte was delivered. */
  onExit(exit: ExitState): void;
}

export interface SubscribeRequest {
  terminalId: string;
  from: number;
  windowBytes: number;
  /** A reader that paces the process: the PTY is read no faster than the fastest pacing reader, but a reader that acknowledges nothing for a second stops pacing. */
  paces: boolean;
}

export type HostEvent =
  | { type: 'exited'; terminalId: string; exit: ExitState }
  /** A host process ended; its terminals were cleaned up and are now `lost`. */
  | { type: 'hostLost'; terminalIds: string[]; reason: string }
  | { type: 'title'; terminalId: string; title: string }
  | { type: 'resized'; terminalId: string; columns: number; rows: number; offset: number }
  /** The log could not be written (disk full): bytes are kept in memory up to a bound, older ones are dropped with a mark. */
  | { type: 'logDegraded'; terminalId: string; reason: string };

export interface PtyHosts extends AsyncDisposable {
  /** Re-adopts running hosts and reads the records on disk. Resolves when `list` is true. */
  start(): Promise<void>;
  /** Starts a host now, so that the first terminal opens faster. */
  warm(): Promise<void>;
  list(): TerminalRecord[];
  get(terminalId: string): TerminalRecord | undefined;
  /** Rejects with NavisError (`SPAWN_FAILED`, `HOST_UNAVAILABLE`); nothing is left behind then. */
  open(request: PtyOpenRequest): Promise<TerminalRecord>;
  /**
   * Writes to the PTY; resolves with the bytes that the kernel took within the deadline (less than given =
   * back-pressure). Typed bytes go as fast, but the answer may come some milliseconds later: their echo goes first.
   */
  write(
    terminalId: string,
    bytes: Uint8Array,
    options?: { deadlineMs?: number; isTyped?: boolean },
  ): Promise<{ acceptedBytes: number }>;
  resize(terminalId: string, size: { columns: number; rows: number }): Promise<void>;
  /** Ends the whole process tree (TERM, then KILL after 5 s); resolves when nothing of it is left. */
  kill(terminalId: string): Promise<ExitState>;
  /** Signals the foreground process group of the PTY only. */
  signalForeground(terminalId: string, signal: NodeJS.Signals): Promise<void>;
  /** The foreground process group of the PTY, its program name, and the CWD of its leader. */
  foreground(
    terminalId: string,
  ): Promise<{ processGroup: number; program: string; cwd: string | null; isShell: boolean }>;
  /** Forgets an exited terminal: record and log are removed. */
  remove(terminalId: string): Promise<void>;
  /** Retained bytes from `from` (clamped to what is retained), at most `maxBytes`. */
  read(
    terminalId: string,
    from: number,
    maxBytes: number,
  ): Promise<{ offset: number; bytes: Uint8Array; firstOffset: number; endOffset: number }>;
  snapshot(terminalId: string, options: { scrollback: number }): Promise<ScreenSnapshot>;
  /** The last `count` lines as a person would see them (carriage returns and escapes applied), an unfinished last line included. */
  lastLines(terminalId: string, count: number): Promise<string[]>;
  /** Who answers terminal queries (DA, CPR …): the hub's own screen, or nobody here because a controlling viewer does. */
  setQueryResponder(terminalId: string, responder: 'screen' | 'viewer'): void;
  subscribe(request: SubscribeRequest, sink: OutputSink): OutputSubscription;
  onEvent(listener: (event: HostEvent) => void): () => void;
  /** Ends every host process and what runs in it (for `down`). */
  shutdown(): Promise<void>;
}
