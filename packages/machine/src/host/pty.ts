/** One PTY with its program: raw bytes out, accepted bytes in, and an exit that comes after the last byte. */
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { ReadStream } from 'node:tty';
import type { LoadedPty, NativePty } from './native-pty.ts';
import { PtyWriter } from './pty-writer.ts';
import type { ReadTurns } from './read-turns.ts';

export interface PtySpawn {
  file: string;
  args: string[];
  environment: Record<string, string>;
  workingDirectory: string;
  columns: number;
  rows: number;
}

export interface PtyExit {
  exitCode: number | null;
  signal: string | null;
}

export interface PtyListener {
  /** The bytes are valid during the call only. */
  onData(bytes: Buffer): void;
  /** Once, after the last byte. */
  onExit(exit: PtyExit): void;
}

/** The kernel hands out 4 KB at a time, and the stream one of them per turn: behind one this large more waits. */
const floodBytes = 2048;
/** After the program's end, others may hold the terminal open and still write: this long after their last byte, … */
const drainQuietMs = 100;
/** … at most this long. */
const drainMaxMs = 1000;
const drainPollMs = 10;

export class Pty {
  readonly pid: number;
  readonly #fd: number;
  readonly #native: NativePty;
  readonly #stream: ReadStream;
  readonly #writer: PtyWriter;
  readonly #listener: PtyListener;
  readonly #buffer: Buffer;
  readonly #turns: ReadTurns;
  /**
   * The host's own handle of the slave. While it is open, the end of the stream cannot come before the program's: a
   * program may close and reopen its terminal, and bytes that wait at a hangup are not cut off.
   */
  #slave: number;
  #isPaused = false;
  #isEnded = false;

  /** Throws when the process or its terminal could not be made. */
  constructor(spawn: PtySpawn, listener: PtyListener, { native, helperPath, readBuffer, turns }: LoadedPty) {
    const environment = Object.entries(spawn.environment).map(([name, value]) => `${name}=${value}`);
    const { fd, pid, pty } = native.fork(
      spawn.file,
      spawn.args,
      environment,
      spawn.workingDirectory,
      spawn.columns,
      spawn.rows,
      -1,
      -1,
      false,
      helperPath,
      (exitCode, signal) => this.#programEnded(exitOf(exitCode, signal)),
    );
    this.pid = pid;
    this.#fd = fd;
    this.#native = native;
    this.#buffer = readBuffer;
    this.#turns = turns;
    this.#listener = listener;
    this.#slave = openSlave(pty);
    this.#writer = new PtyWriter(fd);
    const onread = { buffer: this.#buffer, callback: (length: number) => this.#read(length) };
    this.#stream = new ReadStream(fd, { onread });
    this.#stream.on('error', () => undefined);
    this.#stream.resume();
  }

  write(bytes: Uint8Array, deadlineMs: number): Promise<number> {
    return this.#writer.write(bytes, deadlineMs);
  }

  resize(size: { columns: number; rows: number }): void {
    if (!this.#isEnded) this.#native.resize(this.#fd, size.columns, size.rows, 0, 0);
  }

  /** Stops reading, so that the program blocks once the kernel's buffer is full. */
  pause(): void {
    if (this.#isPaused || this.#isEnded) return;
    this.#isPaused = true;
    this.#stream.pause();
  }

  resume(): void {
    if (!this.#isPaused || this.#isEnded) return;
    this.#isPaused = false;
    this.#stream.resume();
  }

  #read(length: number): boolean {
    this.#listener.onData(this.#buffer.subarray(0, length));
    if (length < floodBytes) this.#turns.note(this);
    else if (!this.#isPaused) this.#readWaiting();
    return !this.#isPaused;
  }

  /** What waits now, in one piece. */
  #readWaiting(): void {
    const maxBytes = this.#turns.take(this);
    let length = 0;
    while (length < maxBytes) {
      const count = this.#readNow(length);
      if (count === 'end' || count === 'empty') break;
      length += count;
      if (count < floodBytes) break;
    }
    if (length > 0) this.#listener.onData(this.#buffer.subarray(0, length));
  }

  /** From here on bytes are read synchronously: the stream would take a hangup for the end although bytes wait. */
  #programEnded(exit: PtyExit): void {
    this.#stream.pause();
    this.#isEnded = true;
    this.#writer.close();
    if (this.#slave >= 0) closeSync(this.#slave);
    this.#drain({ exit, startedAt: performance.now(), lastByteAt: performance.now() });
  }

  #drain(drain: { exit: PtyExit; startedAt: number; lastByteAt: number }): void {
    for (let count = 0; ; count += 1) {
      const length = this.#readNow();
      if (length === 'end') return this.#finish(drain.exit);
      if (length === 'empty') break;
      this.#listener.onData(this.#buffer.subarray(0, length));
      drain.lastByteAt = performance.now();
      // 64 reads of 4 KB exceed what the kernel buffers: a survivor floods, so let others run.
      if (count > 64) break;
    }
    const now = performance.now();
    const isOver = now - drain.lastByteAt > drainQuietMs || now - drain.startedAt > drainMaxMs;
    if (isOver) return this.#finish(drain.exit);
    setTimeout(() => this.#drain(drain), drainPollMs);
  }

  #readNow(at = 0): number | 'empty' | 'end' {
    const { stackTraceLimit } = Error;
    try {
      // A full stack trace would cost more than the read.
      Error.stackTraceLimit = 0;
      return readSync(this.#fd, this.#buffer, at, this.#buffer.length - at, null) || 'end';
    } catch (error) {
      // EIO: everyone has closed the terminal and everything was read.
      return error instanceof Error && 'code' in error && error.code === 'EAGAIN' ? 'empty' : 'end';
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  }

  #finish(exit: PtyExit): void {
    this.#stream.destroy();
    this.#listener.onExit(exit);
  }
}

/** -1 when it cannot be opened: then a program that closes its terminal ends the stream early, and nothing else changes. */
const openSlave = (path: string): number => {
  try {
    return openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  } catch {
    return -1;
  }
};

const exitOf = (exitCode: number, signal: number): PtyExit => {
  if (signal === 0) return { exitCode, signal: null };
  const name = Object.entries(osConstants.signals).find(([, number]) => number === signal)?.[0];
  return { exitCode: null, signal: name ?? `signal ${signal}` };
};
