/**
 * Real pipes for the output of commands. Node.js would give them socket pairs, on which `echo x > /dev/stderr` fails;
 * so on Linux named pipes are made in advance, a batch at a time, and used again after they have been closed.
 */
import { execFile } from 'node:child_process';
import { closeSync, constants, mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Socket } from 'node:net';

export interface OutputPipe {
  /** Closed by whoever spawns, once the child has it. */
  writeEnd: number;
  reader: Socket;
  /** Gives the name back: `isFree` when every writer is gone. */
  release(isFree: boolean): void;
}

const batchSize = 16;
/** More names than these are not kept for later. */
const maxFree = 128;
const makeDeadlineMs = 5000;

export class FifoPool {
  readonly #directory: string;
  readonly #free: string[] = [];
  #made = 0;
  #making: Promise<void> | null = null;

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }

  /** Resolves when the first batch is there, or cannot be made. */
  async warm(): Promise<void> {
    await this.#make();
  }

  /** `null` when none is there at once: the caller takes what Node.js gives. */
  take(): OutputPipe | null {
    if (this.#free.length < batchSize / 2) void this.#make();
    const name = this.#free.pop();
    if (name === undefined) return null;
    const readEnd = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK);
    const writeEnd = openSync(name, constants.O_WRONLY);
    const reader = new Socket({ fd: readEnd, readable: true, writable: false });
    return { writeEnd, reader, release: (isFree) => this.#release(name, isFree) };
  }

  close(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #release(name: string, isFree: boolean): void {
    if (isFree && this.#free.length < maxFree) this.#free.push(name);
    else rmSync(name, { force: true });
  }

  #make(): Promise<void> {
    if (process.platform !== 'linux') return Promise.resolve();
    this.#making ??= this.#makeBatch().finally(() => (this.#making = null));
    return this.#making;
  }

  #makeBatch(): Promise<void> {
    const names = Array.from({ length: batchSize }, (_, index) => join(this.#directory, String(this.#made + index)));
    this.#made += batchSize;
    return new Promise((resolve) => {
      const options = { timeout: makeDeadlineMs, env: { PATH: '/usr/bin:/bin' } };
      execFile('mkfifo', ['-m', '600', ...names], options, (error) => {
        if (error === null) this.#free.push(...names);
        resolve();
      });
    });
  }
}

export const closeWriteEnd = (pipe: OutputPipe): void => closeSync(pipe.writeEnd);
