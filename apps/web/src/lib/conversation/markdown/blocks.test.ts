/** Behaviour of growing Markdown. */
import fc from 'fast-check';
import { lexer } from 'marked';
import { expect, test } from 'vitest';
import { GrowingBlocks } from './blocks.ts';

const whole = (text: string): string[] =>
  lexer(text)
    .filter(({ type }) => type !== 'space')
    .map(({ raw }) => raw);
const piece = fc.constantFrom(
  '# Title\n',
  'Some words',
  ' and more.\n',
  '\n',
  '\n\n',
  '- one\n',
  '- two\n',
  '```ts\n',
  'const a = 1;\n',
  '```\n',
  '| a | b |\n|---|---|\n',
  '| 1 | 2 |\n',
  '> quoted\n',
  '---\n',
  '1. first\n',
);

test('issue 6: Markdown that comes in pieces has the same blocks as the whole', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const growing = new GrowingBlocks(lexer);
      let text = '';
      for (const one of pieces) {
        text += one;
        growing.read(text);
      }
      expect(growing.read(text).join('').replaceAll(/\s/g, '')).toBe(whole(text).join('').replaceAll(/\s/g, ''));
      expect(growing.read(text)).toEqual(whole(text));
    }),
    { numRuns: 300 },
  );
});

test('issue 6: settled blocks stay the same objects of work: only the last one is read again', () => {
  const read: string[] = [];
  const growing = new GrowingBlocks((text) => {
    read.push(text);
    return lexer(text);
  });
  growing.read('First.\n\nSecond.\n\nThird');
  growing.read('First.\n\nSecond.\n\nThird grows');
  expect(read.at(-1)).toBe('Third grows');
});
