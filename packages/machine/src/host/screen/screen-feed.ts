/** Feeds one terminal's screen from its log, off the path of the bytes: what waits is read again, not kept in memory. */
import type { ByteLog } from '../byte-log.ts';
import { HostError } from '../host-error.ts';
import type { ScreenState } from './headless-screen.ts';
import type { ScreenAnswer, ScreenQuestion } from './screen-messages.types.ts';
import type { ScreenThread } from './screen-thread.ts';

/** The log that feeds a screen: of a living terminal, or what one left on disk. */
export type ScreenSource = Pick<ByteLog, 'endOffset' | 'readMemory' | 'read'>;

export interface ScreenFeedOptions {
  id: string;
  directory: string;
  source: ScreenSource;
  /** At the start of the log. */
  size: { columns: number; rows: number };
  thread: ScreenThread;
  /** The terminal's answer to a query of the program. */
  onReply(text: string): void;
  onTitle(title: string): void;
  /** The screen moved on, or went to rest. */
  onProgress(): void;
}

export type ScreenReading = ScreenState & { isBehind: boolean };

const chunkBytes = 4 * 1024 * 1024;
/** Output without escape sequences can wait this long, unless more than `promptBytes` wait. */
const lazyMs = 100;
const promptBytes = 64 * 1024;
/** Pieces this large tell a flood: then more is gathered, as most of a large piece need not be parsed. */
const floodBytes = 256 * 1024;
const maxAttempts = 3;
/** Changes that wait for the screen to reach their offset; beyond it the oldest is given up. */
const maxWaiting = 64;

/** `absent`: not in the worker's memory. `moving`: bytes are being read or parsed. */
type Phase = 'absent' | 'opening' | 'ready' | 'moving';

export class ScreenFeed {
  readonly #options: ScreenFeedOptions;
  #phase: Phase = 'absent';
  #offset = 0;
  /** Queries before it were answered, or never will be. */
  #answeredOffset = 0;
  /** From each offset on, whether this screen answers queries. */
  #answers: { offset: number; value: boolean }[] = [{ offset: 0, value: true }];
  #resizes: { offset: number; columns: number; rows: number }[] = [];
  #lazyTimer: NodeJS.Timeout | null = null;
  #isUrgent = false;
  #isAsked = false;
  #isEnding = false;
  #isDisposed = false;
  #lastPieceBytes = 0;

  constructor(options: ScreenFeedOptions) {
    this.#options = options;
    options.thread.attach(options.id, {
      onPosition: (offset) => this.#reached(offset),
      onReply: options.onReply,
      onTitle: options.onTitle,
      onClosed: () => this.#closed(),
    });
  }

  /** Bytes that the screen has not seen; 0 while it rests and nothing needs it. */
  get lagBytes(): number {
    return this.#phase === 'absent' ? 0 : this.#options.source.endOffset - this.#offset;
  }

  get isResting(): boolean {
    return this.#phase === 'absent';
  }

  /** The log has more; `mayAsk` when a query may be in it. */
  advance(mayAsk: boolean): void {
    this.#isUrgent ||= mayAsk && this.#answers.at(-1)?.value === true;
    this.#moveWhenWorthwhile();
  }

  resize(size: { columns: number; rows: number }): void {
    this.#resizes.push({ offset: this.#options.source.endOffset, ...size });
    if (this.#resizes.length > maxWaiting) this.#resizes.shift();
    this.#move();
  }

  /** From here on the program's queries are answered, or left to a viewer. */
  setAnswers(value: boolean): void {
    if (this.#answers.at(-1)?.value === value) return;
    this.#answers.push({ offset: this.#options.source.endOffset, value });
    if (this.#answers.length > maxWaiting) this.#answers.shift();
  }

  async state(scrollback: number, patienceMs: number): Promise<ScreenReading> {
    const target = this.#options.source.endOffset;
    const { answer, parsedOffset } = await this.#ask({ target, patienceMs, ask: { kind: 'state', scrollback } });
    if (answer.kind !== 'state') throw new HostError('INTERNAL', 'The screen answered something else.');
    return { ...answer.state, isBehind: parsedOffset < target };
  }

  async lines(count: number, patienceMs: number): Promise<string[]> {
    const target = this.#options.source.endOffset;
    const { answer } = await this.#ask({ target, patienceMs, ask: { kind: 'lines', count } });
    if (answer.kind !== 'lines') throw new HostError('INTERNAL', 'The screen answered something else.');
    return answer.lines;
  }

  /** Parses to the end of the log, writes the checkpoint, and leaves memory. */
  end(): void {
    this.#isEnding = true;
    this.#move();
  }

  dispose(): void {
    if (this.#lazyTimer !== null) clearTimeout(this.#lazyTimer);
    this.#isDisposed = true;
    this.#options.thread.detach(this.#options.id);
    this.#phase = 'absent';
  }

  async #ask(question: Omit<ScreenQuestion, 'request'>): Promise<{ answer: ScreenAnswer; parsedOffset: number }> {
    if (this.#isDisposed) throw new HostError('TERMINAL_NOT_FOUND', 'This terminal was closed.');
    for (let attempt = 1; ; attempt += 1) {
      this.#isAsked = true;
      this.#move();
      try {
        return await this.#options.thread.ask(this.#options.id, question);
      } catch (error) {
        if (attempt === maxAttempts || this.#isDisposed) throw error;
      }
    }
  }

  #move(): void {
    if (this.#lazyTimer !== null) clearTimeout(this.#lazyTimer);
    this.#lazyTimer = null;
    if (this.#isDisposed) return;
    if (this.#phase === 'absent') {
      const { id, directory, size, thread } = this.#options;
      this.#phase = 'opening';
      thread.post({ type: 'open', id, directory, ...size });
    } else if (this.#phase === 'ready') void this.#sendNext();
  }

  async #sendNext(): Promise<void> {
    const { id, source, thread } = this.#options;
    this.#applyResizes();
    const limit = this.#nextBoundary() - this.#offset;
    if (limit <= 0) return this.#reachedEnd();
    this.#phase = 'moving';
    this.#isUrgent = false;
    this.#isAsked &&= limit < source.endOffset - this.#offset;
    const from = this.#offset;
    const slice = gatherMemory(source, from, limit) ?? (await copyFrom(source, from, limit));
    // Closed meanwhile, or the disk has nothing more: the next advance begins anew.
    if (this.#phase !== 'moving' || this.#offset !== from) return;
    if (slice === null) return this.#reached(source.endOffset);
    const answers = this.#answersAt(from) && from >= this.#answeredOffset;
    this.#answeredOffset = Math.max(this.#answeredOffset, slice.offset + slice.bytes.length);
    this.#lastPieceBytes = slice.bytes.length;
    thread.post({ type: 'bytes', id, offset: slice.offset, bytes: slice.bytes, answers });
  }

  #moveWhenWorthwhile(): void {
    const { lagBytes } = this;
    const isNeeded = this.#isAsked || this.#isEnding || this.#resizes.length > 0;
    const isFlood = this.#lastPieceBytes > floodBytes;
    const isWorthwhile = isFlood ? lagBytes > chunkBytes : this.#isUrgent || lagBytes > promptBytes;
    if (isNeeded || isWorthwhile) this.#move();
    else if (lagBytes > 0 || this.#phase === 'absent') this.#lazyTimer ??= setTimeout(() => this.#moveLazily(), lazyMs);
  }

  #moveLazily(): void {
    this.#lastPieceBytes = 0;
    this.#move();
  }

  /** A piece ends where the size, or who answers, changes. */
  #nextBoundary(): number {
    const { endOffset } = this.#options.source;
    const changes = [...this.#resizes, ...this.#answers].map(({ offset }) => offset);
    const next = [...changes, this.#answeredOffset, endOffset].filter((offset) => offset > this.#offset);
    return Math.min(endOffset, this.#offset + chunkBytes, ...next);
  }

  #answersAt(offset: number): boolean {
    return this.#answers.findLast((change) => change.offset <= offset)?.value === true;
  }

  #applyResizes(): void {
    const { id, thread } = this.#options;
    while ((this.#resizes[0]?.offset ?? Infinity) <= this.#offset) {
      const resize = this.#resizes.shift();
      if (resize !== undefined) thread.post({ type: 'resize', id, columns: resize.columns, rows: resize.rows });
    }
  }

  #reached(offset: number): void {
    this.#offset = offset;
    this.#phase = 'ready';
    while (this.#answers.length > 1 && (this.#answers[1]?.offset ?? Infinity) <= offset) this.#answers.shift();
    this.#options.onProgress();
    this.#moveWhenWorthwhile();
  }

  #reachedEnd(): void {
    this.#isUrgent = false;
    this.#isAsked = false;
    if (!this.#isEnding) return;
    this.#isEnding = false;
    this.#options.thread.post({ type: 'rest', id: this.#options.id });
  }

  #closed(): void {
    this.#phase = 'absent';
    this.#options.onProgress();
    if (this.#isUrgent || this.#isAsked || this.#isEnding || this.#resizes.length > 0) this.#move();
  }
}

interface OwnSlice {
  offset: number;
  /** Handed over to the worker, so no view of the log's memory. */
  bytes: Uint8Array<ArrayBuffer>;
}

const gatherMemory = (source: ScreenSource, from: number, limit: number): OwnSlice | null => {
  const first = source.readMemory(from, limit);
  if (first === null) return null;
  const pieces = [first];
  let length = first.length;
  while (length < limit) {
    const piece = source.readMemory(from + length, limit - length);
    if (piece === null) break;
    pieces.push(piece);
    length += piece.length;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return { offset: from, bytes };
};

const copyFrom = async (source: ScreenSource, from: number, limit: number): Promise<OwnSlice | null> => {
  const slice = await source.read(from, limit).catch(() => null);
  return slice === null ? null : { offset: slice.offset, bytes: new Uint8Array(slice.bytes) };
};
