/** Whole lines out of chunks of bytes, as a person would see them: no escape sequence, the last state of a progress bar. */
import { printableLines } from '../output/printable.ts';

/** A longer line is broken here. */
const maxLineLength = 16 * 1024;

/** CSI; OSC, DCS and their kin up to their end; other escapes of two or three characters. */
const escapeSequence =
  // eslint-disable-next-line no-control-regex
  /\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/][0-~]|[0-Z\\^-~])/g;

export class LineSplitter {
  readonly #decoder = new TextDecoder();
  readonly #onLine: (line: string) => void;
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(bytes: Uint8Array): void {
    this.#add(this.#decoder.decode(bytes, { stream: true }));
  }

  /** What has no line end yet is a line too. */
  end(): void {
    this.#add(this.#decoder.decode());
    if (this.#rest !== '') this.#emit(this.#rest);
    this.#rest = '';
  }

  #add(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#emit(line);
    while (this.#rest.length > maxLineLength) {
      this.#emit(this.#rest.slice(0, maxLineLength));
      this.#rest = this.#rest.slice(maxLineLength);
    }
  }

  #emit(line: string): void {
    this.#onLine(visibleLine(line));
  }
}

/** One line without its line end. */
export const visibleLine = (line: string): string => {
  const plain = line.replace(/\r+$/, '').replace(escapeSequence, '');
  return printableLines(plain.slice(plain.lastIndexOf('\r') + 1));
};
