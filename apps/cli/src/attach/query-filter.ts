/** Leaves out of a program's output what asks the terminal a question: only the controlling viewer's terminal answers (A8). */

/**
 * Device attributes, status and position reports, mode and keyboard requests, colours, capabilities, window reports,
 * clipboard reads: every sequence to which terminals write an answer.
 */
const queries = new RegExp(
  [
    String.raw`\x1b\[[>=]?\d*c`,
    String.raw`\x1b\[\??[56](?:;\d+)?n`,
    String.raw`\x1b\[\??\d+\$p`,
    String.raw`\x1b\[>\d*q`,
    String.raw`\x1b\[\?u`,
    String.raw`\x1b\[\??\d*x`,
    String.raw`\x1b\[(?:1[13-9]|2[01])(?:;\d+)*t`,
    String.raw`\x1b\](?:4;\d+|1\d|5;\d+|52;[^;\x07\x1b]*);\?(?:\x07|\x1b\\)`,
    String.raw`\x1bP[+$]q[^\x1b\x07]*(?:\x1b\\|\x07)`,
    String.raw`\x1bZ`,
    String.raw`\x05`,
  ].join('|'),
  'g',
);

const noMargins = /\x1b\[;?r/g;
/** The scroll region of a screen of so many rows. */
export const marginsOf = (rows: number): string => `\x1b[1;${rows}r`;

/** A sequence may be cut by the end of a chunk; this much of it is kept for the next. */
const maxHeldBytes = 256;
const unfinished = /\x1b(?:\[[0-?]*[ -/]*|[\]P][^\x07\x1b]*\x1b?)?$/;

export class QueryFilter {
  #held = '';

  /**
   * The bytes without complete queries; a sequence that may become one is held back until it is whole. With `marginRows`
   * a program that gives up its scroll region gets that many rows: the screen of a watched terminal may be smaller.
   */
  filter(bytes: Uint8Array, marginRows?: number): Buffer {
    // latin1 keeps every byte as one character, so nothing of UTF-8 text changes.
    const asked = (this.#held + Buffer.from(bytes).toString('latin1')).replace(queries, '');
    const text = marginRows === undefined ? asked : asked.replace(noMargins, marginsOf(marginRows));
    const tail = unfinished.exec(text);
    const isHeld = tail !== null && text.length - tail.index <= maxHeldBytes;
    this.#held = isHeld ? tail[0] : '';
    return Buffer.from(isHeld ? text.slice(0, tail.index) : text, 'latin1');
  }

  /** What was held back, when filtering ends here. */
  flush(): Buffer {
    const held = Buffer.from(this.#held, 'latin1');
    this.#held = '';
    return held;
  }
}
