/**
 * Finds what of a flood of plain lines need not be parsed. On a screen without margins, lines that will have scrolled out
 * of screen and scrollback leave nothing behind but their colour changes, so leaving them out gives the same screen.
 */

export interface PlainSkip {
  /** Bytes in [from, to) may be replaced by `attributes`; both are right behind a line break. */
  from: number;
  to: number;
  /** The colour changes of the skipped part, from the last reset on. */
  attributes: string;
}

export interface SkipLimits {
  /** Line breaks parsed before the skipped part, so that the cursor is on the last row: the number of rows. */
  leadLines: number;
  /** Line breaks kept behind it, so that it is out of sight: rows and scrollback. */
  keepLines: number;
}

const escape = 0x1b;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const c1Lead = 0xc2;

/** 1 for bytes that need a look: controls other than BEL, TAB and CR, DEL, and what may lead a C1 control. */
const special = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte === 0x07 || byte === 0x09 || byte === carriageReturn) return 0;
  return byte < 0x20 || byte === 0x7f || byte === c1Lead ? 1 : 0;
});

/** Looks at `bytes` from `start`, where the parser is between sequences; `null` when nothing can be skipped. */
export const findPlainSkip = (bytes: Uint8Array, start: number, limits: SkipLimits): PlainSkip | null => {
  const run = plainRun(bytes, start);
  if (run.lines <= limits.leadLines + limits.keepLines) return null;
  let from = start;
  for (let count = 0; count < limits.leadLines; count += 1) from = bytes.indexOf(lineFeed, from) + 1;
  let to = run.end;
  for (let count = 0; count <= limits.keepLines; count += 1) to = bytes.lastIndexOf(lineFeed, to - 1);
  from = breakAfter(bytes, from, to);
  to += 1;
  if (from < 0 || from >= to || bytes[to - 2] !== carriageReturn) return null;
  const attributes = attributesIn(bytes, from, to);
  return attributes === null ? null : { from, to, attributes };
};

/** Where a line that ends with CR LF ends at or after `from`, before `to`; -1 without one. */
const breakAfter = (bytes: Uint8Array, from: number, to: number): number => {
  for (let at = bytes.indexOf(lineFeed, from); at >= 0 && at < to; at = bytes.indexOf(lineFeed, at + 1)) {
    if (bytes[at - 1] === carriageReturn) return at + 1;
  }
  return -1;
};

/** The longest run of printable text, line breaks and colour changes. */
const plainRun = (bytes: Uint8Array, start: number): { end: number; lines: number } => {
  let lines = 0;
  let at = start;
  for (; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (special[byte] === 0) continue;
    if (byte === lineFeed) {
      lines += 1;
      continue;
    }
    const next = byte === escape ? endOfAttributes(bytes, at) : afterC1Lead(bytes, at, byte);
    if (next < 0) break;
    at = next - 1;
  }
  return { end: at, lines };
};

const afterC1Lead = (bytes: Uint8Array, at: number, byte: number): number =>
  byte === c1Lead && (bytes[at + 1] ?? 0) >= 0xa0 ? at + 2 : -1;

/** The end of `ESC [ digits and ; m` at `at`, or -1. */
const endOfAttributes = (bytes: Uint8Array, at: number): number => {
  if (bytes[at + 1] !== 0x5b) return -1;
  for (let end = at + 2; end < bytes.length; end += 1) {
    const byte = bytes[end] ?? 0;
    if (byte === 0x6d) return end + 1;
    if (byte < 0x30 || byte > 0x3b) return -1;
  }
  return -1;
};

/** `null` when too many different changes add up without a reset. */
const attributesIn = (bytes: Uint8Array, from: number, to: number): string | null => {
  let attributes = '';
  for (let at = bytes.indexOf(escape, from); at >= 0 && at < to; at = bytes.indexOf(escape, at + 1)) {
    const one = String.fromCharCode(...bytes.subarray(at, endOfAttributes(bytes, at)));
    attributes = one === '\x1b[m' || one === '\x1b[0m' ? one : attributes + one;
    if (attributes.length > maxAttributes) attributes = collapse(attributes);
    if (attributes.length > maxAttributes) return null;
  }
  return attributes;
};

const maxAttributes = 16 * 1024;

/** Of equal changes only the last one counts. */
const collapse = (attributes: string): string => {
  const seen = new Map<string, true>();
  for (const one of attributes.split(/(?<=m)/)) {
    seen.delete(one);
    seen.set(one, true);
  }
  return [...seen.keys()].join('');
};
