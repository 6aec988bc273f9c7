/** Carries one file from a machine to another, piece by piece: bounded in memory, and going on after short losses of a link. */
import { createHash } from 'node:crypto';
import type { FileReadRequest, FileReadResult, FileWriteRequest, Machine } from '@navisai/machine';
import { NavisError } from '@navisai/protocol';

export interface PumpRequest {
  /** Asked anew for every piece: a node may be away for a moment. May throw NODE_OFFLINE. */
  source: () => Pick<Machine, 'readFile'>;
  target: () => Pick<Machine, 'writeFile'>;
  caller: Pick<FileReadRequest, 'sessionId' | 'userId' | 'origin'>;
  /** One per copy, kept over retries. */
  transferId: string;
  from: string;
  to: string;
  overwrite: boolean;
  signal: AbortSignal;
  /** How long a link may be lost; for tests. */
  patienceMs?: number;
}

export interface PumpReport {
  sizeBytes: number;
  sha256: string;
}

/** So small that terminals and calls of the same link are not kept waiting. */
const pieceBytes = 512 * 1024;
/** Pieces that were read and not written yet. */
const maxAhead = 3;
/** Either node may be away this long. */
const defaultPatienceMs = 30_000;
const retryMs = 250;
/** A target that lost what it had, such as by a restart of its machine, gets it again this often. */
const maxRewinds = 5;

/** Rejects NavisError FILE_CONFLICT when the source changes meanwhile, CANCELLED at the signal, or what a machine says. */
export const pumpFile = (request: PumpRequest): Promise<PumpReport> => new Pump(request).run();

interface Piece extends FileReadResult {
  offset: number;
}

class Pump {
  readonly #request: PumpRequest;
  readonly #hash = createHash('sha256');
  #hashedTo = 0;
  #first: FileReadResult | undefined;

  constructor(request: PumpRequest) {
    this.#request = request;
  }

  async run(): Promise<PumpReport> {
    let offset = 0;
    for (let rewinds = 0; rewinds <= maxRewinds; rewinds += 1) {
      const end = await this.#pumpFrom(offset);
      if (typeof end === 'string') return { sizeBytes: this.#size, sha256: end };
      offset = end;
    }
    throw new NavisError('FILE_CONFLICT', 'The other machine loses what it is sent.');
  }

  get #size(): number {
    return this.#first?.sizeBytes ?? 0;
  }

  /** Answers the sum when all is in place, or where to begin again because the target has lost what it had. */
  async #pumpFrom(start: number): Promise<string | number> {
    const ahead: Promise<Piece>[] = [];
    let readAt = start;
    /** The target may have more already, of a copy that was broken off. */
    let kept = start;
    try {
      for (let offset = start; ;) {
        // The size is known with the first piece; until then there is only one.
        while (ahead.length < maxAhead && (readAt === start || (this.#first !== undefined && readAt < this.#size))) {
          const piece = this.#read(readAt);
          piece.catch(() => undefined);
          ahead.push(piece);
          readAt += pieceBytes;
        }
        const piece = await ahead.shift();
        if (piece === undefined) throw changedMeanwhile(this.#request.from);
        this.#account(piece);
        offset += piece.bytes.length;
        const finish = offset === this.#size ? this.#finish(piece) : undefined;
        if (finish === undefined && offset <= kept) continue;
        kept = (await this.#write({ offset: piece.offset, bytes: piece.bytes, finish })).nextOffset;
        if (finish !== undefined) return finish.sha256;
        if (kept < offset) return kept;
      }
    } finally {
      await Promise.allSettled(ahead);
    }
  }

  /** Whole pieces but the last, of one unchanged file. */
  #account(piece: Piece): void {
    this.#first ??= piece;
    const expected = Math.min(pieceBytes, this.#size - piece.offset);
    if (piece.version !== this.#first.version || piece.sizeBytes !== this.#size || piece.bytes.length !== expected)
      throw changedMeanwhile(this.#request.from);
    const end = piece.offset + piece.bytes.length;
    if (end <= this.#hashedTo) return;
    this.#hash.update(piece.bytes.subarray(this.#hashedTo - piece.offset));
    this.#hashedTo = end;
  }

  #finish(piece: Piece): NonNullable<FileWriteRequest['finish']> {
    const sha256 = this.#hash.copy().digest('hex');
    return { sizeBytes: this.#size, sha256, mode: piece.mode & 0o777, overwrite: this.#request.overwrite };
  }

  async #read(from: number): Promise<Piece> {
    const { source, caller, from: path } = this.#request;
    const read = () => source().readFile({ ...caller, path, from, maxBytes: pieceBytes });
    return { ...(await this.#patiently(read)), offset: from };
  }

  #write(piece: Pick<FileWriteRequest, 'offset' | 'bytes' | 'finish'>): Promise<{ nextOffset: number }> {
    const { target, caller, transferId, to } = this.#request;
    return this.#patiently(() => target().writeFile({ ...caller, transferId, path: to, ...piece }));
  }

  /** Repeats what a lost link left without an answer: reading and writing the same piece again harms nothing. */
  async #patiently<T>(ask: () => Promise<T>): Promise<T> {
    const { signal, patienceMs = defaultPatienceMs } = this.#request;
    const end = performance.now() + patienceMs;
    for (;;) {
      if (signal.aborted) throw new NavisError('CANCELLED', 'The copy was stopped; the target is as it was.');
      try {
        return await ask();
      } catch (error) {
        const isLost =
          error instanceof NavisError && ['LINK_DOWN', 'NODE_OFFLINE', 'RATE_LIMITED'].includes(error.code);
        if (!isLost || performance.now() > end) throw error;
        await pause(retryMs, signal);
      }
    }
  }
}

const changedMeanwhile = (path: string): NavisError =>
  new NavisError('FILE_CONFLICT', `${path} changed while it was copied. The target is as it was.`, { field: 'path' });

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
