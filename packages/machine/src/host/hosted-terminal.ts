/** One terminal inside of a pty-host: its program, its log, its screen and its readers. */
import { diskRefusal } from '../disk-words.ts';
import type { ExitState, PtyOpenRequest } from '../pty-hosts.types.ts';
import { ByteLog } from './byte-log.ts';
import { HostError } from './host-error.ts';
import type { LoadedPty } from './native-pty.ts';
import { OutputReader, type ReaderOptions, type ReaderSink } from './output-reader.ts';
import type { Pty, PtyExit } from './pty.ts';
import { ScreenFeed } from './screen/screen-feed.ts';
import type { ScreenThread } from './screen/screen-thread.ts';
import { startProgram } from './start-program.ts';
import { removeStoredTerminal, writeStoredTerminal, type StoredTerminal } from './stored-terminal.ts';

export interface TerminalContext {
  hostId: string;
  bootId: string;
  directory: string;
  retainBytes: number;
  native: LoadedPty;
  thread: ScreenThread;
  /** Empty where the platform tells it only through another program, which a host never starts. */
  startTimeOf(pid: number): string;
  events: TerminalEvents;
}

export interface TerminalEvents {
  exited(terminal: HostedTerminal): void;
  title(terminal: HostedTerminal, title: string): void;
  resized(terminal: HostedTerminal, size: { columns: number; rows: number; offset: number }): void;
  logDegraded(terminal: HostedTerminal, reason: string): void;
  /** New output or input. */
  progress(terminal: HostedTerminal): void;
  /** Its screen and the memory of its log were given up for now. */
  rested(): void;
}

/** A screen further behind than this stops the program; less when less is retained, so that it never misses bytes. */
const maxScreenLagBytes = 32 * 1024 * 1024;
const stallCheckMs = 1000;
/** Queries that a program may ask without a viewer; their answers are small. */
const replyDeadlineMs = 1000;
const flushDeadlineMs = 2000;
const escapeByte = 0x1b;

export class HostedTerminal {
  readonly log: ByteLog;
  readonly screen: ScreenFeed;
  readonly #context: TerminalContext;
  readonly #readers = new Set<OutputReader>();
  #stored: StoredTerminal;
  #pty: Pty | null = null;
  #lastActivityAt = Date.now();
  #isInBatch = false;
  #hasEscape = false;
  #isLogPressed = false;
  #isScreenLate = false;
  #blockedSince: number | null = null;
  #stallTimer: NodeJS.Timeout | null = null;

  /** Rejects with SPAWN_FAILED; nothing is left then. */
  static async open(request: PtyOpenRequest, context: TerminalContext): Promise<HostedTerminal> {
    const terminal = new HostedTerminal(request, context);
    try {
      terminal.#record();
      await terminal.#start(request);
      return terminal;
    } catch (error) {
      terminal.screen.dispose();
      removeStoredTerminal(context.directory);
      throw error;
    }
  }

  private constructor(request: PtyOpenRequest, context: TerminalContext) {
    const { directory, retainBytes, hostId, bootId, thread } = context;
    this.#context = context;
    const startedAt = new Date().toISOString();
    const identity = {
      version: 1 as const,
      hostId,
      bootId,
      pid: 0,
      pidStartTime: '',
      startedAt,
      exit: null,
      title: '',
    };
    const progress = { endOffset: 0, firstOffset: 0, lastActivityAt: startedAt };
    this.#stored = { ...request, environment: {}, ...identity, ...progress };
    this.log = new ByteLog({
      directory,
      retainBytes,
      onDegraded: (reason) => context.events.logDegraded(this, reason),
      onPressure: (isPressed) => {
        this.#isLogPressed = isPressed;
        this.#pace();
      },
    });
    this.screen = new ScreenFeed({
      id: request.terminalId,
      directory,
      source: this.log,
      size: request,
      thread,
      onReply: (text) => void this.#pty?.write(Buffer.from(text), replyDeadlineMs),
      onTitle: (title) => this.#setTitle(title),
      onProgress: () => this.#screenMoved(),
    });
  }

  get id(): string {
    return this.#stored.terminalId;
  }

  get isLive(): boolean {
    return this.#stored.exit === null;
  }

  /** The facts as of now. */
  get stored(): StoredTerminal {
    const { endOffset, firstOffset } = this.log;
    return { ...this.#stored, endOffset, firstOffset, lastActivityAt: new Date(this.#lastActivityAt).toISOString() };
  }

  /** Rejects with TERMINAL_EXITED. */
  async write(bytes: Uint8Array, deadlineMs: number): Promise<number> {
    const pty = this.#livePty();
    this.#active();
    return pty.write(bytes, deadlineMs);
  }

  resize({ columns, rows }: { columns: number; rows: number }): void {
    this.#livePty().resize({ columns, rows });
    if (columns === this.#stored.columns && rows === this.#stored.rows) return;
    this.#stored = { ...this.#stored, columns, rows };
    this.screen.resize({ columns, rows });
    this.#save();
    this.#context.events.resized(this, { columns, rows, offset: this.log.endOffset });
  }

  createReader(options: ReaderOptions, sink: ReaderSink): OutputReader {
    return new OutputReader(this.log, options, sink);
  }

  /** From now on the reader is served. */
  addReader(reader: OutputReader): void {
    this.#readers.add(reader);
    reader.pump();
    if (this.#stored.exit !== null) reader.finish(this.#stored.exit);
  }

  removeReader(reader: OutputReader): void {
    reader.close();
    this.#readers.delete(reader);
    this.#pace();
  }

  acknowledge(reader: OutputReader, offset: number): void {
    reader.acknowledge(offset);
    this.#pace();
  }

  /** Hangs up a program that still runs. */
  hangUp(): void {
    if (this.#pty !== null && this.isLive) process.kill(this.#pty.pid, 'SIGHUP');
  }

  async close(): Promise<void> {
    if (this.#stallTimer !== null) clearTimeout(this.#stallTimer);
    for (const reader of this.#readers) reader.close();
    this.screen.dispose();
    await this.log.close();
  }

  #start(request: PtyOpenRequest): Promise<void> {
    const environment = { ...request.environment, TERM: 'xterm-256color', NAVIS_TERMINAL_ID: request.terminalId };
    const listener = {
      onStart: (pty: Pty) => this.#started(pty),
      onData: (bytes: Buffer) => this.#read(bytes),
      onExit: (exit: PtyExit) => void this.#exited(exit),
    };
    return startProgram({ ...request, environment }, listener, this.#context.native);
  }

  /** Nothing is started that could not be found again: a full disk takes no new terminals. */
  #record(): void {
    try {
      writeStoredTerminal(this.#context.directory, this.stored);
    } catch (error) {
      const why = diskRefusal(error);
      throw new HostError('SPAWN_FAILED', `The terminal could not be recorded (${why}), so it was not started.`);
    }
  }

  #started(pty: Pty): void {
    this.#pty = pty;
    this.#stored = { ...this.#stored, pid: pty.pid, pidStartTime: this.#context.startTimeOf(pty.pid) };
    this.#save();
  }

  /** The first bytes of a turn go out at once; what follows in the same turn goes out together. */
  #read(bytes: Buffer): void {
    this.log.append(bytes);
    this.#hasEscape ||= bytes.includes(escapeByte);
    if (this.#isInBatch) return;
    this.#isInBatch = true;
    for (const reader of this.#readers) reader.pump();
    setImmediate(() => this.#endBatch());
  }

  #endBatch(): void {
    this.#isInBatch = false;
    for (const reader of this.#readers) reader.pump();
    this.screen.advance(this.#hasEscape);
    this.#hasEscape = false;
    this.#active();
    this.#pace();
  }

  #active(): void {
    this.#lastActivityAt = Date.now();
    this.#context.events.progress(this);
  }

  async #exited({ exitCode, signal }: PtyExit): Promise<void> {
    const exit: ExitState = { exitCode, signal, at: new Date().toISOString(), kind: 'exited' };
    this.#stored = { ...this.#stored, exit };
    this.#pty = null;
    if (this.#stallTimer !== null) clearTimeout(this.#stallTimer);
    await Promise.race([this.log.flush(), new Promise((resolve) => setTimeout(resolve, flushDeadlineMs).unref())]);
    this.#save();
    this.#context.events.exited(this);
    for (const reader of this.#readers) reader.finish(exit);
    this.screen.end();
  }

  /** The record is only convenience while the host lives: what it cannot write now, it writes at the exit. */
  #save(): void {
    try {
      writeStoredTerminal(this.#context.directory, this.stored);
    } catch (error) {
      this.#context.events.logDegraded(this, error instanceof Error ? error.message : String(error));
    }
  }

  #setTitle(title: string): void {
    if (title === this.#stored.title) return;
    this.#stored = { ...this.#stored, title };
    this.#context.events.title(this, title);
  }

  #screenMoved(): void {
    const limit = Math.min(maxScreenLagBytes, this.#context.retainBytes / 2);
    this.#isScreenLate = this.screen.lagBytes > (this.#isScreenLate ? limit / 2 : limit);
    this.#pace();
    if (!this.screen.isResting) return;
    void this.log.rest();
    this.#context.events.rested();
  }

  #livePty(): Pty {
    if (this.#pty === null) throw new HostError('TERMINAL_EXITED', 'The program in this terminal has ended.');
    return this.#pty;
  }

  /** Reads on, or lets the program wait: for the disk, the screen, or the fastest reader that paces it. */
  #pace(): void {
    const pacers = [...this.#readers].filter(({ isPacing }) => isPacing);
    const isBlocked = pacers.length > 0 && !pacers.some(({ hasRoom }) => hasRoom);
    const limit = Math.min(maxScreenLagBytes, this.#context.retainBytes / 2);
    this.#isScreenLate ||= this.screen.lagBytes > limit;
    if (!isBlocked) this.#blockedSince = null;
    else if (this.#blockedSince === null) {
      this.#blockedSince = performance.now();
      this.#stallTimer = setTimeout(() => this.#checkStall(), stallCheckMs);
    }
    if (isBlocked || this.#isLogPressed || this.#isScreenLate) this.#pty?.pause();
    else this.#pty?.resume();
  }

  #checkStall(): void {
    const since = this.#blockedSince;
    if (since === null) return;
    this.#blockedSince = null;
    for (const reader of this.#readers) reader.stallIfSilent(since);
    this.#pace();
  }
}
