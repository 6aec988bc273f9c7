/** What a person sees as lines of text: wrapped rows joined, empty lines at the end left out. */
import type { ScreenBuffer, TerminalInternals } from './xterm-internals.ts';

/** The last `count` lines of the active buffer, scrollback included. */
export const plainLines = (terminal: TerminalInternals, count: number): string[] => {
  const buffer = terminal.buffers.active;
  const lines: string[] = [];
  for (let index = lastWrittenRow(buffer, terminal.rows); index >= 0 && lines.length < count; index -= 1) {
    let text = '';
    for (; index > 0 && buffer.lines.get(index)?.isWrapped === true; index -= 1) text = rowText(buffer, index) + text;
    lines.push((rowText(buffer, index) + text).trimEnd());
  }
  return lines.toReversed();
};

const lastWrittenRow = (buffer: ScreenBuffer, rows: number): number => {
  let index = buffer.ybase + rows - 1;
  while (index >= 0 && rowText(buffer, index).trimEnd() === '') index -= 1;
  return index;
};

const rowText = (buffer: ScreenBuffer, index: number): string =>
  buffer.lines.get(index)?.translateToString(false) ?? '';
