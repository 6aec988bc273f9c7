/** Cuts growing Markdown into blocks so that only the last ones are read again (issue: incremental rendering). */

/** What the Markdown parser tells of a block: its text as it stood there. */
export interface RawBlock {
  type: string;
  raw: string;
}

export class GrowingBlocks {
  readonly #lex: (text: string) => readonly RawBlock[];
  /** Blocks that nothing that follows can change. */
  #settled: string[] = [];
  #settledText = '';

  constructor(lex: (text: string) => readonly RawBlock[]) {
    this.#lex = lex;
  }

  /** Blocks of the text, each as it stands there. */
  read(given: string): string[] {
    const text = given.includes('\r') ? given.replaceAll(/\r\n?/g, '\n') : given;
    if (!text.startsWith(this.#settledText)) {
      this.#settled = [];
      this.#settledText = '';
    }
    const open = this.#lex(text.slice(this.#settledText.length)).map(({ type, raw }) => ({
      isSpace: type === 'space',
      raw,
    }));
    // The last block may still become another: a paragraph a heading or a table, a list longer.
    const last = open.findLastIndex(({ isSpace }) => !isSpace);
    for (const { isSpace, raw } of open.slice(0, Math.max(0, last))) {
      this.#settledText += raw;
      if (!isSpace) this.#settled.push(raw);
    }
    const tail = open.slice(Math.max(0, last)).filter(({ isSpace }) => !isSpace);
    return [...this.#settled, ...tail.map(({ raw }) => raw)];
  }
}
