/** Finds matching lines in a file piece by piece, with the lines around them; in linear time. */
import type { FileHandle } from 'node:fs/promises';
import type { RE2JS } from 're2js';
import { shortForDisplay } from '../../plain-text/escape-for-display.ts';

export interface FoundLine {
  /** From 1 on. */
  number: number;
  text: string;
  isMatch: boolean;
}

export interface LineSearchOptions {
  /** Lines around each match. */
  context: number;
  check(): void;
}

const pieceBytes = 64 * 1024;
const lookedAtBytes = 8192;
/** The rest of a longer line is not searched. */
const maxLineLength = 256 * 1024;
const maxShownLine = 500;
/** Anchors of the whole text do not mean what they say when a piece is searched at once. */
const textAnchors = /\\[AzZ]/;

export class LineSearch {
  readonly #pattern: RE2JS;
  readonly #options: LineSearchOptions;
  readonly #canSearchPieces: boolean;

  constructor(pattern: RE2JS, options: LineSearchOptions) {
    this.#pattern = pattern;
    this.#options = options;
    this.#canSearchPieces = !textAnchors.test(pattern.pattern());
  }

  /** `null` for a file that is not text; at most `limit` matches with their context. */
  async inFile(handle: FileHandle, limit: number): Promise<FoundLine[] | null> {
    const lines = new LineGatherer(this.#options.context);
    const decoder = new TextDecoder();
    const piece = Buffer.allocUnsafe(pieceBytes);
    let rest = '';
    for (let position = 0; ;) {
      this.#options.check();
      const { bytesRead } = await handle.read(piece, 0, pieceBytes, position);
      const bytes = piece.subarray(0, bytesRead);
      if (position === 0 && bytes.subarray(0, lookedAtBytes).includes(0)) return null;
      position += bytesRead;
      const text = rest + decoder.decode(bytes, { stream: bytesRead > 0 });
      const end = bytesRead === 0 ? text.length : text.lastIndexOf('\n') + 1;
      this.#searchLines(text.slice(0, end), lines, limit);
      if (bytesRead === 0 || lines.isFull(limit)) return lines.found;
      rest = text.slice(end, end + maxLineLength);
    }
  }

  #searchLines(text: string, lines: LineGatherer, limit: number): void {
    if (text === '') return;
    const hasMatch = !this.#canSearchPieces || this.#pattern.test(text);
    const parts = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
    if (!hasMatch) return lines.addOthers(parts);
    for (const part of parts) {
      if (lines.isFull(limit)) return;
      const line = part.endsWith('\r') ? part.slice(0, -1) : part;
      lines.add(line, this.#pattern.test(line));
    }
  }
}

class LineGatherer {
  readonly found: FoundLine[] = [];
  readonly #context: number;
  #number = 0;
  #matches = 0;
  /** Lines before the next match, not yet shown. */
  #before: { number: number; text: string }[] = [];
  /** Lines still to show after the last match. */
  #after = 0;

  constructor(context: number) {
    this.#context = context;
  }

  isFull(limit: number): boolean {
    return this.#matches >= limit && this.#after === 0;
  }

  add(text: string, isMatch: boolean): void {
    this.#number += 1;
    if (isMatch) {
      for (const line of this.#before) this.found.push({ ...shown(line), isMatch: false });
      this.#before = [];
      this.found.push({ ...shown({ number: this.#number, text }), isMatch: true });
      this.#matches += 1;
      this.#after = this.#context;
    } else if (this.#after > 0) {
      this.found.push({ ...shown({ number: this.#number, text }), isMatch: false });
      this.#after -= 1;
    } else if (this.#context > 0) {
      this.#before.push({ number: this.#number, text });
      if (this.#before.length > this.#context) this.#before.shift();
    }
  }

  /** Lines that surely do not match. */
  addOthers(lines: readonly string[]): void {
    const needed = this.#context === 0 ? 0 : Math.min(lines.length, this.#after);
    for (const line of lines.slice(0, needed)) this.add(line, false);
    const skipped = Math.max(0, lines.length - needed - this.#context);
    this.#number += skipped;
    if (skipped > 0) this.#before = [];
    for (const line of lines.slice(needed + skipped)) this.add(line, false);
  }
}

const shown = ({ number, text }: { number: number; text: string }): { number: number; text: string } => ({
  number,
  text: shortForDisplay(text, maxShownLine),
});
