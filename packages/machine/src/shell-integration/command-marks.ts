/** Finds the marks of one command in a terminal's output, across chunk borders. */
import type { OutputChunk } from '../pty-hosts.types.ts';

export interface CommandMarks {
  push(chunk: OutputChunk): void;
  /** Offset after the begin mark: the command's output starts here. */
  readonly begin: number | null;
  /** Offset of the end mark, and the status that it tells. */
  readonly end: { offset: number; exitCode: number } | null;
  /** Offset of the first sequence after the begin by which a line editor says that it waits for a line. */
  readonly prompt: number | null;
  /** Whether the line editor used such sequences when it took the typed line. */
  readonly tellsPrompts: boolean;
  /** Offset after the last byte seen. */
  readonly position: number;
}

/** Longer than any mark. */
const carriedBytes = 96;
const bracketedPaste = Buffer.from('\x1b[?2004');

export const createCommandMarks = (nonce: string): CommandMarks & { skip(to: number): void } => {
  const marker = Buffer.from(`navis=${nonce}\x07`);
  const found = {
    begin: null as number | null,
    end: null as CommandMarks['end'],
    prompt: null as number | null,
    tellsPrompts: false,
    position: 0,
  };
  let carried = Buffer.alloc(0);
  /** Everything before it has been looked at as a whole mark. */
  let seenUntil = 0;

  const onMark = (text: string, range: { start: number; end: number }): void => {
    if (text === 'C') found.begin ??= range.end;
    else found.end ??= { offset: range.start, exitCode: Number(text.slice(2)) };
  };

  return {
    get begin() {
      return found.begin;
    },
    get end() {
      return found.end;
    },
    get prompt() {
      return found.prompt;
    },
    get tellsPrompts() {
      return found.tellsPrompts;
    },
    get position() {
      return found.position;
    },
    skip(to) {
      carried = Buffer.alloc(0);
      found.position = to;
    },
    push({ offset, bytes }) {
      const data = Buffer.concat([carried, bytes]);
      const base = offset - carried.length;
      for (let at = data.indexOf(marker); at >= 0; at = data.indexOf(marker, at + 1)) {
        const introducer = data.subarray(Math.max(0, at - 24), at).toString('latin1');
        const match = /\x1b\]133;(C|D;\d{1,9});$/.exec(introducer);
        const end = base + at + marker.length;
        if (match !== null && end > seenUntil) onMark(match[1] ?? '', { start: base + at - match[0].length, end });
      }
      for (let at = data.indexOf(bracketedPaste); at >= 0; at = data.indexOf(bracketedPaste, at + 1)) {
        const letter = data[at + bracketedPaste.length];
        const end = base + at + bracketedPaste.length + 1;
        if (letter === undefined || end <= seenUntil) continue;
        if (found.begin === null || base + at < found.begin) found.tellsPrompts ||= letter === 0x6c;
        else found.prompt = letter === 0x68 ? (found.prompt ?? base + at) : null;
      }
      seenUntil = offset + bytes.length;
      found.position = seenUntil;
      carried = Buffer.from(data.subarray(Math.max(0, data.length - carriedBytes)));
    },
  };
};
