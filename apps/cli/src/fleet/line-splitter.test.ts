import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineSplitter, visibleLine } from './line-splitter.ts';

const linesOf = (chunks: readonly Uint8Array[]): string[] => {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return lines;
};

test('N5: lines are whole and characters unbroken, wherever the chunks are cut', () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'ü', '漢', '🙂', ' ', '\t') });
  fc.assert(
    fc.property(fc.array(line, { minLength: 1 }), fc.array(fc.nat(200)), (lines, cuts) => {
      const bytes = new TextEncoder().encode(lines.map((one) => `${one}\n`).join(''));
      const borders = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b), bytes.length];
      const chunks = borders.slice(1).map((end, index) => bytes.subarray(borders[index], end));
      expect(linesOf(chunks)).toEqual(lines);
    }),
  );
});

test('N5: an unfinished last line is shown, a giant one broken', () => {
  const encode = (text: string) => new TextEncoder().encode(text);
  expect(linesOf([encode('a\nb')])).toEqual(['a', 'b']);
  expect(linesOf([encode('')])).toEqual([]);
  expect(linesOf([encode('x'.repeat(40_000))]).map(({ length }) => length)).toEqual([16_384, 16_384, 7232]);
});

test('N5: lines are as a person would see them, and cannot act on the terminal', () => {
  expect(visibleLine('\x1b[31mred\x1b[0m text\r')).toBe('red text');
  expect(visibleLine('  1 %\r 50 %\r100 %')).toBe('100 %');
  expect(visibleLine('\x1b]0;title\x07a\x1b(Bb\x1b7c')).toBe('abc');
  expect(visibleLine('a\x07\u202eb')).toBe('a\\x07\\u{202e}b');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(visibleLine(text.replaceAll('\n', ''))).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]/);
    }),
  );
});
