/** One command from its spawn to its recorded result: streams, timeout, signals, and the end of its whole tree. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { diskRefusal } from '../disk-words.ts';
import type { RunEnd, RunRequest } from '../machine.types.ts';
import { killProcessTree, startTimeOf } from '../process-tree.ts';
import { maxMessageLength } from './call-record.ts';
import type { CallRecordWriter, CallResult } from './call-record.ts';
import { closeWriteEnd } from './fifo-pool.ts';
import type { FifoPool, OutputPipe } from './fifo-pool.ts';
import { OutputCapture } from './output-capture.ts';
import type { OutputLimits, StreamName } from './output-file.ts';

export interface CallOutcome extends Omit<CallResult, 'stdout' | 'stderr'> {
  startedAt: string;
  stdout: OutputCapture;
  stderr: OutputCapture;
}

export interface RunningCallOptions {
  request: RunRequest;
  startedAt: string;
  record: CallRecordWriter;
  pipes: FifoPool;
  /** Entries that every child gets besides its environment; how its tree is found. */
  markers: Record<string, string>;
  limits?: OutputLimits;
  /** A process that outlives the call still holds this stream. */
  onHeldOpen(reader: Readable): void;
}

/** T8: after the leader's end its output is awaited until it has been silent for so long, and at most so long. */
const drainIdleMs = 200;
const drainDeadlineMs = 1000;
/** Times `drainIdleMs` that the drain goes on for a disk that has not caught up. */
const maxWaitsForDisk = 50;
/** A shorter call leaves no trace of its leader in the record; if the host dies in it, the marker finds the tree. */
const leaderRecordDelayMs = 50;

interface OutputStream {
  capture: OutputCapture;
  reader: Readable | null;
  pipe: OutputPipe | null;
  isOpen: boolean;
}

export class RunningCall {
  readonly finished: Promise<CallOutcome>;
  readonly #options: RunningCallOptions;
  readonly #streams: Record<StreamName, OutputStream>;
  readonly #waiting = new Set<() => void>();
  #child: ChildProcess | null = null;
  #end: RunEnd | null = null;
  #leaderEnded = false;
  #isTreeGone = false;
  #ending: Promise<unknown> | null = null;
  #timers = new Set<NodeJS.Timeout>();
  #drainTimer: NodeJS.Timeout | null = null;
  #waitsForDisk = 0;
  #settle: ((outcome: CallOutcome) => void) | null = null;

  constructor(options: RunningCallOptions) {
    this.#options = options;
    this.#streams = { stdout: this.#stream('stdout'), stderr: this.#stream('stderr') };
    this.finished = new Promise((resolve) => (this.#settle = resolve));
  }

  get stdout(): OutputCapture {
    return this.#streams.stdout.capture;
  }

  get stderr(): OutputCapture {
    return this.#streams.stderr.capture;
  }

  /** Set once the command has ended and its output is complete. */
  get end(): RunEnd | null {
    return this.#settle === null ? this.#end : null;
  }

  start(): void {
    try {
      this.#spawn();
    } catch (error) {
      for (const { pipe, reader } of Object.values(this.#streams)) if (reader === null) discard(pipe);
      this.#spawnFailed(error);
    }
  }

  /** Signals the process group of the leader. */
  signal(signal: NodeJS.Signals): void {
    const pid = this.#child?.pid;
    if (pid === undefined || this.#leaderEnded) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // The group is gone; its exit is about to be told.
    }
  }

  /** Ends the whole tree; `finished` tells when nothing of it is left (T7). */
  terminate(kind: 'timeout' | 'cancelled'): void {
    if (this.#leaderEnded || this.#ending !== null) return;
    this.#end = { kind };
    this.#ending = this.#killTree().then(() => {
      this.#isTreeGone = true;
      this.#exited({ kind });
      this.#awaitOutput();
    });
  }

  /** Resolves at the next output, at the end, or after `waitMs`. */
  waitForChange(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, waitMs);
      this.#waiting.add(wake);
    });
  }

  #stream(stream: StreamName): OutputStream {
    const { record, limits } = this.#options;
    const onCaughtUp = (): void => void this.#streams[stream].reader?.resume();
    const capture = new OutputCapture({ basePath: record.basePath, stream, limits, onCaughtUp });
    return { capture, reader: null, pipe: null, isOpen: false };
  }

  #spawn(): void {
    const { request, pipes, markers } = this.#options;
    const { stdout, stderr } = this.#streams;
    stdout.pipe = pipes.take();
    stderr.pipe = pipes.take();
    const child = spawn(request.file, request.args, {
      cwd: request.workingDirectory,
      env: { ...request.environment, PWD: request.workingDirectory, ...markers },
      stdio: ['ignore', stdout.pipe?.writeEnd ?? 'pipe', stderr.pipe?.writeEnd ?? 'pipe'],
      // A session of its own: one group to signal, and no terminal to ask on.
      detached: true,
    });
    this.#child = child;
    child.on('error', (error) => this.#spawnFailed(error));
    child.on('exit', (exitCode, signal) => this.#exited({ kind: 'ended', exitCode, signal }));
    this.#follow(stdout, child.stdout);
    this.#follow(stderr, child.stderr);
    if (child.pid === undefined) return;
    this.#after(request.timeoutMs, () => this.terminate('timeout'));
    this.#after(leaderRecordDelayMs, () => void this.#recordLeader());
  }

  #follow(stream: OutputStream, own: Readable | null): void {
    const reader = stream.pipe?.reader ?? own;
    if (stream.pipe !== null) closeWriteEnd(stream.pipe);
    if (reader === null) return;
    stream.reader = reader;
    stream.isOpen = true;
    reader.on('data', (bytes: Buffer) => {
      stream.capture.append(bytes);
      if (stream.capture.isBehind) reader.pause();
      if (this.#leaderEnded) this.#drain();
      this.#wake();
    });
    // An error of a pipe ends it like its end.
    reader.on('error', () => undefined);
    reader.on('close', () => {
      stream.isOpen = false;
      stream.pipe?.release(true);
      this.#checkFinished();
    });
  }

  #after(delayMs: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, delayMs);
    this.#timers.add(timer);
  }

  async #recordLeader(): Promise<void> {
    const pid = this.#child?.pid;
    const startTime = pid === undefined ? null : await startTimeOf(pid);
    if (pid !== undefined && startTime !== null && !this.#leaderEnded)
      this.#options.record.writeLeader({ pid, startTime });
  }

  async #killTree(): Promise<void> {
    const { markers } = this.#options;
    const pid = this.#child?.pid ?? 0;
    const leader = { pid, startTime: (await startTimeOf(pid)) ?? '' };
    await killProcessTree({ leader, marker: `NAVIS_CALL_ID=${markers['NAVIS_CALL_ID'] ?? ''}` });
  }

  #spawnFailed(error: unknown): void {
    if (this.#leaderEnded) return;
    const message = error instanceof Error ? error.message : String(error);
    this.#exited({ kind: 'spawnFailed', message: message.slice(0, maxMessageLength) });
    for (const { reader } of Object.values(this.#streams)) reader?.destroy();
  }

  #exited(end: RunEnd): void {
    if (this.#leaderEnded) return;
    this.#leaderEnded = true;
    this.#end ??= end;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#awaitOutput();
  }

  #awaitOutput(): void {
    if (this.#checkFinished()) return;
    this.#after(drainDeadlineMs, () => this.#stopDraining());
    this.#drain();
  }

  #drain(): void {
    if (this.#drainTimer === null) this.#drainTimer = setTimeout(() => this.#stopDraining(), drainIdleMs);
    else this.#drainTimer.refresh();
  }

  #stopDraining(): void {
    // Nothing is given up before the tree is gone: what it prints at its end belongs to the output.
    if (this.#ending !== null && !this.#isTreeGone) return;
    // What the leader wrote waits in the pipe while the disk is slow.
    const isBehind = this.stdout.isBehind || this.stderr.isBehind;
    this.#waitsForDisk += 1;
    if (isBehind && this.#waitsForDisk < maxWaitsForDisk) return this.#drain();
    for (const stream of Object.values(this.#streams)) this.#letGo(stream);
    this.#checkFinished();
  }

  /** The output of what outlives the call is read and dropped, so that it does not end by a broken pipe. */
  #letGo(stream: OutputStream): void {
    const { reader, pipe } = stream;
    if (!stream.isOpen || reader === null) return;
    stream.isOpen = false;
    reader.removeAllListeners('data').removeAllListeners('close');
    reader.resume();
    pipe?.release(false);
    this.#options.onHeldOpen(reader);
  }

  #checkFinished(): boolean {
    const { stdout, stderr } = this.#streams;
    if (!this.#leaderEnded || stdout.isOpen || stderr.isOpen) return false;
    void this.#finish();
    return true;
  }

  async #finish(): Promise<void> {
    const settle = this.#settle;
    const end = this.#end;
    if (settle === null || end === null) return;
    this.#settle = null;
    for (const timer of [...this.#timers, ...(this.#drainTimer === null ? [] : [this.#drainTimer])])
      clearTimeout(timer);
    await this.#ending;
    const { record, startedAt } = this.#options;
    const endedAt = new Date().toISOString();
    const [stdout, stderr] = [await this.stdout.finish(), await this.stderr.finish()];
    const warnings = this.#warnings();
    try {
      record.writeResult({ end, endedAt, stdout, stderr, warnings });
    } catch {
      warnings.push('The result could not be written to disk; it is not known after a restart.');
    }
    record.close();
    settle({ end, startedAt, endedAt, warnings, stdout: this.stdout, stderr: this.stderr });
    this.#wake();
  }

  #warnings(): string[] {
    const failure = this.stdout.failure ?? this.stderr.failure;
    if (failure === null) return [];
    return [`Output was lost because ${diskRefusal(failure)}: only its beginning and its end are kept.`];
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }
}

const discard = (pipe: OutputPipe | null): void => {
  if (pipe === null) return;
  closeWriteEnd(pipe);
  pipe.reader.destroy();
  pipe.release(false);
};
