/** Behaviour of reading lines to copy. */
import { Terminal } from '@xterm/xterm';
import { expect, test } from 'vitest';
import { readLines } from './read-lines.ts';

test('wrapped lines come as one, and empty lines at the end not at all', async () => {
  const terminal = new Terminal({ cols: 10, rows: 5, scrollback: 100, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write('one\r\n\r\na line that wraps\r\n\r\n', resolve));
  expect(readLines(terminal, 100)).toEqual(['one', '', 'a line that wraps']);
  expect(readLines(terminal, 1)).toEqual([]);
});
