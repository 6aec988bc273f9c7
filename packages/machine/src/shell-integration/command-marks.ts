/** Finds the marks of one command in a terminal's output, across chunk borders. */
import type { OutputChunk } from '../pty-hosts.types.ts';

/** Longer than any mark. */
const carriedBytes = 96;
const introducerBytes = 24;
/** A line editor switches it on when it waits for a line and off when it has taken one. */
const bracketedPaste = Buffer.from('\x1b[?2004');
const switchedOn = 'h'.charCodeAt(0);
const switchedOff = 'l'.charCodeAt(0);

export class CommandMarks {
  readonly #marker: Buffer;
  #begin: number | null = null;
  #end: { offset: number; exitCode: number } | null = null;
  #prompt: number | null = null;
  #tellsPrompts = false;
  #position: number;
  #carried = Buffer.alloc(0);

  constructor(nonce: string, from = 0) {
    this.#marker = Buffer.from(`navis=${nonce}\x07`);
    this.#position = from;
  }

  /** Offset after the begin mark: the command's output starts here. */
  get begin(): number | null {
    return this.#begin;
  }

  /** Offset of the end mark, and the status that it tells. */
  get end(): { offset: number; exitCode: number } | null {
    return this.#end;
  }

  /** Offset of the first sequence after the begin by which a line editor says that it waits for a line. */
  get prompt(): number | null {
    return this.#prompt;
  }

  /** Whether the line editor used such sequences when it took the typed line. */
  get tellsPrompts(): boolean {
    return this.#tellsPrompts;
  }

  /** Offset after the last byte seen. */
  get position(): number {
    return this.#position;
  }

  push({ offset, bytes }: OutputChunk): void {
    const data = Buffer.concat([this.#carried, bytes]);
    const base = offset - this.#carried.length;
    this.#findMarks(data, base);
    this.#findPrompts(data, base);
    this.#position = offset + bytes.length;
    this.#carried = Buffer.from(data.subarray(Math.max(0, data.length - carriedBytes)));
  }

  skip(to: number): void {
    this.#carried = Buffer.alloc(0);
    this.#position = to;
  }

  #findMarks(data: Buffer, base: number): void {
    for (const at of occurrences(data, this.#marker)) {
      const introducer = data.subarray(Math.max(0, at - introducerBytes), at).toString('latin1');
      const match = /\x1b\]133;(C|D;(\d{1,9}));$/.exec(introducer);
      const end = base + at + this.#marker.length;
      // What ends in the carried bytes was seen before.
      if (match === null || end <= this.#position) continue;
      if (match[2] === undefined) this.#begin ??= end;
      else this.#end ??= { offset: base + at - match[0].length, exitCode: Number(match[2]) };
    }
  }

  #findPrompts(data: Buffer, base: number): void {
    for (const at of occurrences(data, bracketedPaste)) {
      const letter = data[at + bracketedPaste.length];
      const start = base + at;
      if (letter === undefined || start + bracketedPaste.length < this.#position) continue;
      if (this.#begin === null || start < this.#begin) this.#tellsPrompts ||= letter === switchedOff;
      else this.#prompt = letter === switchedOn ? (this.#prompt ?? start) : null;
    }
  }
}

function* occurrences(data: Buffer, wanted: Buffer): Generator<number> {
  for (let at = data.indexOf(wanted); at >= 0; at = data.indexOf(wanted, at + 1)) yield at;
}
