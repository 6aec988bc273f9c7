/**
 * Finds what of a flood of plain text need not be parsed. On a screen without margins, rows that will have scrolled out of
 * screen and scrollback leave nothing behind but their colour changes, and where the text goes on depends on the column
 * only: bytes between two places of the same column can be left out when enough rows follow them.
 */

export interface PlainSkip {
  /** Bytes in [from, to) may be replaced by `attributes`. */
  from: number;
  to: number;
  /** The colour changes of the skipped part, from the last reset on. */
  attributes: string;
}

export interface SkipRequest {
  /** The parser is between sequences at its start. */
  bytes: Uint8Array;
  /** Column of the cursor; `columns` when it waits to wrap. */
  column: number;
  columns: number;
  /** Rows that pass before the skipped part, so that the cursor is on the last one: the number of rows. */
  leadRows: number;
  /** Rows kept behind it, so that it is out of sight: rows and scrollback. */
  keepRows: number;
}

const unknown = -1;
const bell = 0x07;
const backspace = 0x08;
const tab = 0x09;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const escape = 0x1b;
const firstPrintable = 0x20;
const deleteCharacter = 0x7f;
const c1Lead = 0xc2;
const finalErase = 0x4b;
const finalAttributes = 0x6d;

/** `null` when nothing can be skipped. */
export const findPlainSkip = (request: SkipRequest): PlainSkip | null => {
  const run = new PlainRun(request);
  run.scan();
  const places = run.skippable();
  if (places === null) return null;
  const attributes = attributesIn(request.bytes, places.from, places.to);
  return attributes === null ? null : { ...places, attributes };
};

/** A place where bytes could be left out: right behind a row's end. */
interface Place {
  at: number;
  row: number;
  column: number;
}

/** Places nearer to each other than this are not noted. */
const placeDistance = 64;
const maxPlacesTried = 100;

/** The longest run of printable text, movement within a line, line breaks, colour changes and erasing in a line. */
class PlainRun {
  readonly #bytes: Uint8Array;
  readonly #request: SkipRequest;
  readonly #places: Place[] = [];
  #at = 0;
  /** Rows passed so far; never more than really passed. */
  #row = 0;
  /** Known again behind every carriage return. */
  #column: number;

  constructor(request: SkipRequest) {
    this.#request = request;
    this.#bytes = request.bytes;
    this.#column = request.column;
  }

  scan(): void {
    const { length } = this.#bytes;
    const scanner = new PrintableScanner(this.#bytes);
    while (this.#at < length) {
      const end = scanner.endFrom(this.#at);
      if (end > this.#at) this.#print(end);
      else if (!this.#takeControl(this.#bytes[this.#at] ?? 0)) return;
    }
  }

  skippable(): { from: number; to: number } | null {
    const { leadRows, keepRows } = this.#request;
    const last = this.#places.findLastIndex(({ row }) => row <= this.#row - keepRows);
    for (let index = last; index > Math.max(0, last - maxPlacesTried); index -= 1) {
      const to = this.#places[index];
      const from = this.#places.find(({ row, column }) => row > leadRows && column === to?.column);
      if (to !== undefined && from !== undefined && from.at < to.at) return { from: from.at, to: to.at };
    }
    return null;
  }

  /** Printable ASCII up to `end`: one column each, and a new row when the last column is passed. */
  #print(end: number): void {
    const length = end - this.#at;
    if (this.#column !== unknown) {
      const { columns } = this.#request;
      const wraps = Math.floor((this.#column + length - 1) / columns);
      if (wraps > 0) this.#noteWraps(wraps);
      this.#column = ((this.#column + length - 1) % columns) + 1;
      this.#row += wraps;
    }
    this.#at = end;
  }

  /** Places where the cursor waits to wrap; a few of very many will do. */
  #noteWraps(wraps: number): void {
    const { columns } = this.#request;
    const first = this.#at + columns - this.#column;
    const step = Math.ceil(wraps / placeDistance);
    for (let wrap = 0; wrap < wraps; wrap += step) {
      this.#note({ at: first + wrap * columns, row: this.#row + wrap, column: columns });
    }
  }

  #note(place: Place): void {
    if (place.at - (this.#places.at(-1)?.at ?? -placeDistance) >= placeDistance) this.#places.push(place);
  }

  /** False ends the run. */
  #takeControl(byte: number): boolean {
    switch (byte) {
      case carriageReturn:
        this.#column = 0;
        break;
      case lineFeed:
        this.#breakLine();
        break;
      case tab:
      case backspace:
        this.#column = unknown;
        break;
      case bell:
        break;
      case escape:
        return this.#jump(endOfSequence(this.#bytes, this.#at));
      default:
        return this.#takeOther(byte);
    }
    this.#at += 1;
    return true;
  }

  #breakLine(): void {
    this.#row += 1;
    // A cursor that waits to wrap gives that up.
    if (this.#column === this.#request.columns) this.#column -= 1;
    if (this.#column !== unknown) this.#note({ at: this.#at + 1, row: this.#row, column: this.#column });
  }

  /** Other characters have widths that are not known here. */
  #takeOther(byte: number): boolean {
    const isC1 = byte === c1Lead && (this.#bytes[this.#at + 1] ?? 0) < 0xa0;
    if (byte <= deleteCharacter || isC1) return false;
    this.#column = unknown;
    this.#at += 1;
    return true;
  }

  #jump(end: number): boolean {
    if (end < 0) return false;
    this.#at = end;
    return true;
  }
}

/** Finds the end of printable ASCII, four bytes at a time. */
class PrintableScanner {
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  /** Index of the first byte of `#words`. */
  readonly #firstWord: number;

  constructor(bytes: Uint8Array) {
    const misaligned = bytes.byteOffset % 4;
    this.#bytes = bytes;
    this.#firstWord = misaligned === 0 ? 0 : 4 - misaligned;
    const wordCount = Math.max(0, (bytes.length - this.#firstWord) >> 2);
    this.#words =
      wordCount === 0 ? new Int32Array(0) : new Int32Array(bytes.buffer, bytes.byteOffset + this.#firstWord, wordCount);
  }

  endFrom(start: number): number {
    const bytes = this.#bytes;
    const words = this.#words;
    const { length } = bytes;
    for (let at = start; at < length; at += 1) {
      if (((at - this.#firstWord) & 3) === 0)
        at = this.#firstWord + (plainWords(words, (at - this.#firstWord) >> 2) << 2);
      const byte = bytes[at] ?? 0;
      if (byte < firstPrintable || byte >= deleteCharacter) return Math.min(at, length);
    }
    return length;
  }
}

/** The index of the first word with a byte below 0x20 or above 0x7e. */
const plainWords = (words: Int32Array, start: number): number => {
  let index = start;
  for (; index < words.length; index += 1) {
    const word = words[index] ?? 0;
    if (((word - 0x20202020) | (word + 0x01010101) | word) & 0x80808080) break;
  }
  return index;
};

/** The end of a colour change or an erasure in the line at `at`, or -1. */
const endOfSequence = (bytes: Uint8Array, at: number): number => {
  if (bytes[at + 1] !== 0x5b) return -1;
  for (let end = at + 2; end < bytes.length; end += 1) {
    const byte = bytes[end] ?? 0;
    if (byte === finalAttributes || byte === finalErase) return end + 1;
    if (byte < 0x30 || byte > 0x3b) return -1;
  }
  return -1;
};

const maxChanges = 1000;

/** From the end back to the last reset; of equal changes only the last one counts. `null` when there are too many. */
const attributesIn = (bytes: Uint8Array, from: number, to: number): string | null => {
  const changes = new Set<string>();
  for (let at = bytes.lastIndexOf(escape, to - 1); at >= from; at = bytes.lastIndexOf(escape, at - 1)) {
    const change = String.fromCharCode(...bytes.subarray(at, endOfSequence(bytes, at)));
    if (change.endsWith('m')) changes.add(change);
    if (change === '\x1b[m' || change === '\x1b[0m') break;
    if (changes.size > maxChanges) return null;
    if (at === 0) break;
  }
  return [...changes].toReversed().join('');
};
