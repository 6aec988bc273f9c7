/** Writes to a PTY's master without ever waiting in the kernel or spinning: what a program does not read is reported. */
import { writeSync } from 'node:fs';

/** More waiting input than this is not accepted at all. */
const maxQueuedBytes = 4 * 1024 * 1024;
/** The kernel has no event for a terminal that takes input again next to the one for reading, so it is asked again. */
const retryMs = { first: 1, last: 20 } as const;
const pieceBytes = 64 * 1024;

interface QueuedWrite {
  bytes: Uint8Array;
  accepted: number;
  expiresAt: number;
  resolve(accepted: number): void;
}

export class PtyWriter {
  readonly #fd: number;
  readonly #write: (fd: number, bytes: Uint8Array) => number;
  #queue: QueuedWrite[] = [];
  #queuedBytes = 0;
  #timer: NodeJS.Timeout | null = null;
  #retryMs: number = retryMs.first;
  #isClosed = false;

  constructor(fd: number, write: (fd: number, bytes: Uint8Array) => number = writeSync) {
    this.#fd = fd;
    this.#write = write;
  }

  /** Resolves with the bytes that the kernel took within the deadline; those before them come first. */
  write(bytes: Uint8Array, deadlineMs: number): Promise<number> {
    if (this.#isClosed || bytes.length === 0) return Promise.resolve(0);
    if (this.#queuedBytes + bytes.length > maxQueuedBytes) return Promise.resolve(0);
    return new Promise((resolve) => {
      this.#queue.push({ bytes, accepted: 0, expiresAt: performance.now() + deadlineMs, resolve });
      this.#queuedBytes += bytes.length;
      if (this.#timer === null) this.#pump();
    });
  }

  /** What still waits is answered with what was accepted. */
  close(): void {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    while (this.#queue.length > 0) this.#settleFirst();
  }

  #pump(): void {
    this.#timer = null;
    for (let first = this.#queue[0]; first !== undefined; first = this.#queue[0]) {
      const count = this.#tryWrite(first.bytes.subarray(first.accepted, first.accepted + pieceBytes));
      if (count === 'failed') return this.close();
      if (count === 0) return this.#retryLater();
      this.#retryMs = retryMs.first;
      first.accepted += count;
      if (first.accepted === first.bytes.length) this.#settleFirst();
    }
  }

  #tryWrite(piece: Uint8Array): number | 'failed' {
    try {
      return this.#write(this.#fd, piece);
    } catch (error) {
      return error instanceof Error && 'code' in error && error.code === 'EAGAIN' ? 0 : 'failed';
    }
  }

  #retryLater(): void {
    const now = performance.now();
    while ((this.#queue[0]?.expiresAt ?? Infinity) <= now) this.#settleFirst();
    if (this.#queue.length === 0) return;
    this.#timer = setTimeout(() => this.#pump(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, retryMs.last);
  }

  #settleFirst(): void {
    const first = this.#queue.shift();
    if (first === undefined) return;
    this.#queuedBytes -= first.bytes.length;
    first.resolve(first.accepted);
  }
}
