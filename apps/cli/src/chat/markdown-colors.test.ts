/** Colours add nothing and leave out nothing (A3). */
import fc from 'fast-check';
import { createColors } from 'picocolors';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { MarkdownColors } from './markdown-colors.ts';

const paint = (pieces: readonly string[], isColored = true): string => {
  const colors = new MarkdownColors(createColors(isColored));
  return pieces.map((piece) => colors.take(piece)).join('') + colors.end();
};

const piece = fc.string({ unit: fc.constantFrom('`', '*', '#', ' ', '\n', 'a', 'é'), maxLength: 12 });

test('A3: however an answer is cut into pieces, every character of it is shown once and in order', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      expect(stripVTControlCharacters(paint(pieces))).toBe(pieces.join(''));
      expect(paint(pieces, false)).toBe(pieces.join(''));
    }),
  );
});

test('A3: headings and strong words are bold, code is coloured, also when their marks come in two pieces', () => {
  const { bold, cyan } = createColors(true);
  expect(paint(['# Ti', 'tle\nthen\n'])).toBe(`${bold('# Ti')}${bold('tle\n')}then\n`);
  expect(stripVTControlCharacters(paint(['a *', '*b** c']))).toBe('a **b** c');
  expect(paint(['a *', '*b** c'])).toBe(`a ${bold('**')}${bold('b')}${bold('**')} c`);
  expect(paint(['`x` y'])).toBe(`${cyan('`')}${cyan('x')}${cyan('`')} y`);
  expect(paint(['```js\n**no**\n```\n**yes**'])).toContain(bold('yes'));
  expect(paint(['```js\n**no**\n```\n'])).not.toContain('\u001b[1m');
});
