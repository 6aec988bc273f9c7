/**
 * Turns terminal output into lines as a person reads them: carriage returns, backspaces and cursor movements applied,
 * colours and titles dropped. Lines are not wrapped. For text to search or to answer with, not for full-screen programs.
 */
import { EscapeParser } from './escape-parser.ts';

export interface ReadableText {
  push(text: string): void;
  /** The text that can no longer change, since the last call; ends at a line's end. */
  take(): string;
  /** The lines that the cursor may still come back to, the unfinished one included. */
  pending(): string;
}

export interface ReadableTextOptions {
  /** A line that is about to be overwritten is kept as a line of its own, so that nothing passes unseen. */
  keepOverwritten?: boolean;
}

/** How far up the cursor can go: progress displays of several lines. */
const maxPendingLines = 100;
/** A longer unfinished line is taken as finished, without a line's end. */
const maxLineLength = 64 * 1024;
const maxColumn = 4096;

/** Whole output at once; trailing empty lines stay as they are. */
export const readableText = (text: string): string => {
  const readable = createReadableText();
  readable.push(text);
  return readable.take() + readable.pending();
};

export const createReadableText = (options: ReadableTextOptions = {}): ReadableText => {
  const page = new Page(options.keepOverwritten === true);
  const parser = new EscapeParser({
    text: (text) => page.write(text),
    control: (character) => page.control(character),
    sequence: (parameters, final) => page.sequence(parameters, final),
  });
  return {
    push: (text) => parser.push(text),
    take: () => page.take(),
    pending: () => page.pending(),
  };
};

/** The last lines and a cursor in them. */
class Page {
  readonly #keepOverwritten: boolean;
  #finished: string[] = [];
  #lines: string[] = [''];
  #row = 0;
  #column = 0;
  /** A `\r` that may turn out to belong to `\r\n`. */
  #returned = false;

  constructor(keepOverwritten: boolean) {
    this.#keepOverwritten = keepOverwritten;
  }

  take(): string {
    const text = this.#finished.join('');
    this.#finished = [];
    return text;
  }

  pending(): string {
    return this.#lines.join('\n').toWellFormed();
  }

  write(text: string): void {
    this.#settleReturn();
    const line = this.#line();
    if (this.#column === line.length) this.#setLine(line + text);
    else {
      const start = line.slice(0, this.#column).padEnd(this.#column);
      this.#setLine(start + text + line.slice(this.#column + text.length));
    }
    this.#column += text.length;
    if (this.#line().length > maxLineLength) this.#breakLongLine();
  }

  control(character: string): void {
    if (character === '\r') {
      this.#returned = true;
      return;
    }
    if (character === '\n') this.#lineFeed();
    else if (character === '\b') {
      this.#settleReturn();
      this.#column = Math.max(0, this.#column - 1);
    }
  }

  sequence(parameters: string, final: string): void {
    const apply = movements[final];
    if (apply === undefined || !/^[\d;]*$/.test(parameters)) return;
    this.#settleReturn();
    const [first = '', second = ''] = parameters.split(';');
    const count = Math.min(maxColumn, Number(first));
    const cursor = { row: this.#row, column: this.#column, lines: this.#lines };
    const moved = apply(cursor, { given: count, count: Math.max(1, count), second: Number(second) });
    if (this.#keepOverwritten && moved.lines !== undefined) this.#keepCopy();
    if (moved.lines !== undefined) this.#lines = moved.lines;
    if (moved.row !== undefined) this.#moveToRow(moved.row);
    if (moved.column !== undefined) this.#column = Math.min(maxColumn, Math.max(0, moved.column));
  }

  #line(): string {
    return this.#lines[this.#row] ?? '';
  }

  #setLine(line: string): void {
    this.#lines[this.#row] = line;
  }

  #settleReturn(): void {
    if (!this.#returned) return;
    this.#returned = false;
    this.#keepCopy();
    this.#column = 0;
  }

  #keepCopy(): void {
    if (this.#keepOverwritten && this.#line().trim() !== '') this.#finished.push(`${this.#line()}\n`.toWellFormed());
  }

  #lineFeed(): void {
    this.#returned = false;
    this.#moveToRow(this.#row + 1);
    this.#column = 0;
  }

  #moveToRow(row: number): void {
    if (row >= this.#lines.length) this.#lines.push('');
    this.#row = Math.min(this.#lines.length - 1, Math.max(0, row));
    const limit = this.#keepOverwritten ? 1 : maxPendingLines;
    while (this.#lines.length > limit && this.#row > 0) {
      this.#finished.push(`${this.#lines.shift() ?? ''}\n`.toWellFormed());
      this.#row -= 1;
    }
  }

  #breakLongLine(): void {
    const before = this.#lines.splice(0, this.#row + 1).join('\n');
    this.#finished.push(before.toWellFormed());
    this.#lines.unshift('');
    this.#row = 0;
    this.#column = 0;
  }
}

interface Cursor {
  row: number;
  column: number;
  lines: string[];
}
interface Amount {
  /** As given, 0 when left out. */
  given: number;
  /** At least 1. */
  count: number;
  second: number;
}
type Movement = (cursor: Cursor, amount: Amount) => Partial<Cursor>;

const edited = (cursor: Cursor, change: (before: string, after: string) => string): Partial<Cursor> => {
  const line = cursor.lines[cursor.row] ?? '';
  const before = line.slice(0, cursor.column).padEnd(cursor.column);
  return { lines: cursor.lines.with(cursor.row, change(before, line.slice(cursor.column))) };
};

const eraseLine: Movement = (cursor, { given }) =>
  edited(cursor, (before, after) => (given === 0 ? before : given === 1 ? ' '.repeat(before.length) + after : ''));

/** Jumps to a place on the screen: the text goes on below, since lines here know no screen. */
const jump: Movement = ({ lines }, { second }) => ({
  row: lines.at(-1) === '' ? lines.length - 1 : lines.length,
  column: Math.max(0, second - 1),
});

const movements: Record<string, Movement> = {
  A: ({ row }, { count }) => ({ row: Math.max(0, row - count) }),
  B: ({ row, lines }, { count }) => ({ row: Math.min(lines.length - 1, row + count) }),
  C: ({ column }, { count }) => ({ column: column + count }),
  D: ({ column }, { count }) => ({ column: column - count }),
  E: ({ row, lines }, { count }) => ({ row: Math.min(lines.length - 1, row + count), column: 0 }),
  F: ({ row }, { count }) => ({ row: Math.max(0, row - count), column: 0 }),
  G: (_cursor, { count }) => ({ column: count - 1 }),
  '`': (_cursor, { count }) => ({ column: count - 1 }),
  H: jump,
  f: jump,
  J: (cursor, { given }) =>
    given === 0
      ? { lines: [...cursor.lines.slice(0, cursor.row), (cursor.lines[cursor.row] ?? '').slice(0, cursor.column)] }
      : {},
  K: eraseLine,
  P: (cursor, { count }) => edited(cursor, (before, after) => before + after.slice(count)),
  X: (cursor, { count }) =>
    edited(cursor, (before, after) => before + ' '.repeat(Math.min(count, after.length)) + after.slice(count)),
  '@': (cursor, { count }) => edited(cursor, (before, after) => before + ' '.repeat(count) + after),
};
