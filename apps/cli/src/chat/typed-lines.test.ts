/** What is pasted is one message (A3). */
import { expect, test } from 'vitest';
import { TypedLines } from './typed-lines.ts';

const typed = () => {
  const said: string[] = [];
  return { said, lines: new TypedLines((text) => said.push(text)) };
};

test('A3: each line is a message, but one that ends in a backslash goes on', () => {
  const { said, lines } = typed();
  for (const line of ['one', 'two \\', 'three', '']) lines.line(line);
  expect(said).toEqual(['one', 'two \nthree', '']);
});

test('A3: what is pasted is sent as one message, when Enter is pressed behind it', () => {
  const { said, lines } = typed();
  lines.key('paste-start');
  lines.line('Error: a\\');
  lines.line('  at b');
  lines.key('paste-end');
  expect(said).toEqual([]);
  lines.line('why?');
  expect(said).toEqual(['Error: a\\\n  at b\nwhy?']);
});
