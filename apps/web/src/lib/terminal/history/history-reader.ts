/** Shows stretches of a terminal's retained output on a screen of its own; the live screen is never touched. */
import type { ByteRange } from '@navisai/client';
import type { IMarker, Terminal } from '@xterm/xterm';
import type { Size } from '../screen.types.ts';
import { beginsInAlternateScreen } from './alternate-screen.ts';
import { earlierWindow, laterWindow, windowBefore, windowBytes } from './history-window.ts';
import type { HistoryWindow } from './history-window.ts';

export type HistoryScreen = Pick<
  Terminal,
  'write' | 'reset' | 'resize' | 'buffer' | 'rows' | 'scrollToLine' | 'registerMarker' | 'parser'
>;

export interface HistorySource {
  /** Retained bytes from `from` (or from the oldest kept), at most `limit`. Rejects with NavisError. */
  read(from: number, limit: number): Promise<Pick<ByteRange, 'offset' | 'bytes' | 'firstOffset' | 'endOffset'>>;
}

export interface HistoryState {
  window: HistoryWindow;
  /** Older bytes are gone. */
  firstOffset: number;
  endOffset: number;
  isLoading: boolean;
}

interface Mark {
  offset: number;
  marker: IMarker;
}

/** Distance between places that are recognised again after the window has moved. */
const markEveryBytes = 4 * 1024;
/** Screens around what is in view that a moved window must still show. */
const keptScreens = 2;
/** Windows without a line above the screen that are passed over at once. */
const maxEmptySteps = 8;
/** A newer window with too many lines for the screen is tried again at half its length, this often. */
const maxHalvings = 8;
/** Ends a full-screen program's modes, so that what is left can be scrolled and selected; hides the cursor. */
const settle = '\x18\x1b[?1049l\x1b[?47l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[0m\x1b[?25l';
const enterAlternateScreen = '\x1b[?1049h';
const newline = 0x0a;

export class HistoryReader {
  readonly #screen: HistoryScreen;
  readonly #source: HistorySource;
  readonly #onChange: () => void;
  #state: HistoryState = { window: { from: 0, to: 0 }, firstOffset: 0, endOffset: 0, isLoading: false };
  #marks: Mark[] = [];

  constructor(options: { screen: HistoryScreen; source: HistorySource; onChange: () => void }) {
    this.#screen = options.screen;
    this.#source = options.source;
    this.#onChange = options.onChange;
  }

  get state(): HistoryState {
    return this.#state;
  }

  /** Shows what led to byte `to`, `linesFromEnd` above its last screen; goes back until there is something to see. */
  async open(options: { to: number; firstOffset: number; size: Size; linesFromEnd: number }): Promise<void> {
    const { to, firstOffset, size, linesFromEnd } = options;
    this.#screen.resize(size.columns, size.rows);
    this.#update({ firstOffset, endOffset: to });
    await this.#show(windowBefore(to, firstOffset));
    this.#screen.scrollToLine(Math.max(0, this.#screen.buffer.active.baseY - linesFromEnd));
    for (let step = 0; step < maxEmptySteps && this.#screen.buffer.active.baseY === 0; step += 1) {
      if (!(await this.earlier())) break;
    }
  }

  /** Moves to older output, keeping what is in view. Resolves to false when there is none. */
  async earlier(): Promise<boolean> {
    const { window, firstOffset, isLoading } = this.#state;
    const { viewportY } = this.#screen.buffer.active;
    const keepUntil = this.#alive().find(({ marker }) => marker.line >= viewportY + this.#keptLines)?.offset;
    // A screen that is full of lines cannot grow: what lies below its top has to go.
    const isFull = this.#marks[0]?.marker.isDisposed === true;
    const next = earlierWindow(window, firstOffset, keepUntil ?? (isFull ? window.from : undefined));
    if (next === undefined || isLoading) return false;
    const anchor = this.#anchor();
    await this.#show(next);
    const line = anchor === undefined ? undefined : this.#find(anchor);
    this.#screen.scrollToLine(Math.max(0, line ?? this.#screen.buffer.active.baseY));
    return true;
  }

  /** Moves to newer output; `endOffset` is where the live screen is now. Resolves to false when there is none. */
  async later(endOffset: number): Promise<boolean> {
    this.#update({ endOffset });
    const { window, isLoading } = this.#state;
    const { viewportY } = this.#screen.buffer.active;
    // One mark more: a window begins at a line, so that its first mark is not found again.
    const keepFrom = this.#alive()
      .filter(({ marker }) => marker.line <= viewportY - this.#keptLines)
      .at(-2)?.offset;
    let next = laterWindow(window, endOffset, keepFrom);
    if (next === undefined || isLoading) return false;
    const anchor = this.#anchor();
    for (let halvings = 0; halvings < maxHalvings; halvings += 1) {
      await this.#show(next);
      if (anchor === undefined || this.#find(anchor) !== undefined) break;
      next = { from: next.from, to: next.from + Math.ceil((next.to - next.from) / 2) };
    }
    const line = anchor === undefined ? undefined : this.#find(anchor);
    this.#screen.scrollToLine(Math.max(0, line ?? 0));
    return true;
  }

  /** Shows the oldest output that is still kept. */
  async toStart(): Promise<void> {
    const { firstOffset, endOffset } = this.#state;
    let to = Math.min(endOffset, firstOffset + windowBytes);
    for (let halvings = 0; halvings < maxHalvings; halvings += 1) {
      await this.#show({ from: firstOffset, to });
      if (this.#state.window.from <= this.#state.firstOffset) break;
      to = firstOffset + Math.ceil((to - firstOffset) / 2);
    }
    this.#screen.scrollToLine(0);
  }

  async #show(window: HistoryWindow): Promise<void> {
    this.#update({ isLoading: true });
    try {
      const stretch = await this.#fetch(window);
      this.#screen.reset();
      this.#marks = [];
      this.#replay(stretch);
      await this.#write(settle);
      this.#update({ window: { from: this.#oldestShown(stretch.offset), to: stretch.offset + stretch.bytes.length } });
    } finally {
      this.#update({ isLoading: false });
    }
  }

  async #fetch(window: HistoryWindow): Promise<{ offset: number; bytes: Uint8Array }> {
    const { offset, bytes, firstOffset } = await this.#source.read(window.from, window.to - window.from);
    this.#update({ firstOffset });
    // A window that begins inside a line begins at the next one.
    const lineStart = offset === firstOffset ? 0 : bytes.subarray(0, markEveryBytes).indexOf(newline) + 1;
    return { offset: offset + lineStart, bytes: bytes.subarray(lineStart) };
  }

  /** Only queues; the marks are set while the bytes are parsed. */
  #replay({ offset, bytes }: { offset: number; bytes: Uint8Array }): void {
    if (beginsInAlternateScreen(bytes)) this.#screen.write(enterAlternateScreen);
    this.#screen.write('', () => this.#mark(offset));
    for (let at = 0; at < bytes.length;) {
      const next = Math.min(bytes.length, at + markEveryBytes - ((offset + at) % markEveryBytes));
      this.#screen.write(bytes.subarray(at, next), () => this.#mark(offset + next));
      at = next;
    }
  }

  #write(data: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => this.#screen.write(data, resolve));
  }

  #mark(offset: number): void {
    if (this.#screen.buffer.active.type !== 'normal') return;
    const marker = this.#screen.registerMarker(0);
    if (marker !== undefined) this.#marks.push({ offset, marker });
  }

  get #keptLines(): number {
    return keptScreens * this.#screen.rows;
  }

  /** Marks whose lines are still there. */
  #alive(): Mark[] {
    return this.#marks.filter(({ marker }) => !marker.isDisposed);
  }

  /** Lines beyond the screen's bound fell off at the top: the window really begins at the oldest mark left. */
  #oldestShown(offset: number): number {
    return this.#marks[0]?.marker.isDisposed === true ? (this.#alive()[0]?.offset ?? offset) : offset;
  }

  /** The first line in view, told by the nearest mark. */
  #anchor(): { offset: number; lines: number } | undefined {
    const top = this.#screen.buffer.active.viewportY;
    const alive = this.#alive();
    const mark = alive.findLast(({ marker }) => marker.line <= top) ?? alive[0];
    return mark === undefined ? undefined : { offset: mark.offset, lines: top - mark.marker.line };
  }

  #find({ offset, lines }: { offset: number; lines: number }): number | undefined {
    const mark = this.#marks.find((candidate) => candidate.offset === offset && !candidate.marker.isDisposed);
    return mark === undefined ? undefined : mark.marker.line + lines;
  }

  #update(change: Partial<HistoryState>): void {
    this.#state = { ...this.#state, ...change };
    this.#onChange();
  }
}
