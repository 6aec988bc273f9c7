/** The person's own terminal while attached: raw keys in, bytes out, its size, and its state given back at the end. */
import type { ReadStream, WriteStream } from 'node:tty';

export interface TerminalSize {
  columns: number;
  rows: number;
}

/** Attributes, character sets, margins, origin and wrap modes as a fresh terminal has them; screen and cursor stay. */
const plainState = '\x1b7\x1b[?6l\x1b[r\x1b8\x1b[0m\x1b(B\x0f\x1b[?7h\x1b[4l\x1b[?25h\x1b[0 q';
/** What programs switch on for themselves: keys, mouse, focus, paste, synchronised output, extended keyboards. */
const modesOff =
  '\x1b[?1l\x1b>\x1b[?9l\x1b[?1000l\x1b[?1001l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?1005l\x1b[?1006l\x1b[?1015l\x1b[?1016l\x1b[?2004l\x1b[?2026l\x1b[?2031l\x1b[<99u\x1b[>4m';
/** Each screen keeps a cursor of its own: the one of the normal screen stays where it is when that is shown already. */
const leaveAlternateScreen = '\x1b7\x1b[?1049l';
const saveTitle = '\x1b[22;0t';
const restoreTitle = '\x1b[23;0t';

export class LocalTerminal implements Disposable {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  #isOpen = false;
  readonly #onData: (chunk: Buffer) => void;
  readonly #onResize: (size: TerminalSize) => void;
  readonly #onGone: () => void;
  readonly #atExit = (): void => this[Symbol.dispose]();

  constructor(given: {
    input: ReadStream;
    output: WriteStream;
    onInput(chunk: Buffer): void;
    onResize(size: TerminalSize): void;
    /** The window was closed. */
    onGone(): void;
  }) {
    this.#input = given.input;
    this.#output = given.output;
    this.#onData = given.onInput;
    this.#onResize = given.onResize;
    this.#onGone = given.onGone;
  }

  get size(): TerminalSize {
    const [columns, rows] = this.#output.getWindowSize();
    return { columns: Math.max(2, columns), rows: Math.max(1, rows) };
  }

  open(): void {
    this.#isOpen = true;
    this.#input.setRawMode(true);
    this.#input.on('data', this.#onData);
    this.#input.on('end', this.#onGone);
    this.#input.on('error', this.#onGone);
    this.#input.resume();
    this.#output.on('resize', this.#reportSize);
    this.#output.write(saveTitle);
    process.on('exit', this.#atExit);
  }

  write(data: string | Uint8Array): void {
    this.#output.write(data);
  }

  /** Shown by the window's frame, so that it disturbs no program. */
  showTitle(title: string): void {
    this.#output.write(`\x1b]2;${title}\x07`);
  }

  /** Empties the screen for a new one; what was on it moves up into the scrollback when `keep`. */
  clear(keep: boolean): void {
    const { rows } = this.size;
    const push = keep ? `\x1b[${rows};1H${'\n'.repeat(rows)}` : '';
    this.#output.write(`${leaveAlternateScreen}${modesOff}${plainState}${push}\x1b[H\x1b[2J`);
  }

  /** Keys wait in the kernel meanwhile. */
  pauseInput(isPaused: boolean): void {
    if (!this.#isOpen || this.#input.isPaused() === isPaused) return;
    if (isPaused) this.#input.pause();
    else this.#input.resume();
  }

  /** After the process was stopped and continued: the shell has made the terminal cooked meanwhile. */
  resume(): void {
    if (this.#isOpen) this.#input.setRawMode(true);
  }

  bell(): void {
    this.#output.write('\x07');
  }

  /** Gives the terminal back as it was: modes off, cooked keys, cursor below what was written. */
  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    process.off('exit', this.#atExit);
    this.#output.off('resize', this.#reportSize);
    this.#input.off('data', this.#onData);
    this.#input.off('end', this.#onGone);
    this.#input.off('error', this.#onGone);
    this.#output.write(`${leaveAlternateScreen}${modesOff}${plainState}\r\n${restoreTitle}`);
    this.#input.setRawMode(false);
    this.#input.pause();
  }

  readonly #reportSize = (): void => this.#onResize(this.size);
}
