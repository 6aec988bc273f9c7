import { expect, test } from 'vitest';
import { formatTable } from './table.ts';
import { fitText, textWidth } from './text-width.ts';

const heading = (text: string): string => text;

test('I12: columns are aligned, also with wide characters, and cells are escaped', () => {
  const rows = [
    ['a', '漢字', 'x'],
    ['bbb', '\x1b[31m', 'y'],
  ];
  expect(formatTable({ headings: ['ONE', 'TWO', 'THREE'], rows, heading })).toEqual([
    'ONE  TWO       THREE',
    'a    漢字      x',
    'bbb  \\x1b[31m  y',
  ]);
});

test('I12: only the last column is cut to the width of the terminal', () => {
  const rows = [['name', 'a long description that does not fit']];
  expect(formatTable({ headings: ['NAME', 'TEXT'], rows, columns: 26, heading })[1]).toBe('name  a long description …');
});

test('I12: width counts what a terminal shows', () => {
  expect(textWidth('abc')).toBe(3);
  expect(textWidth('漢字')).toBe(4);
  expect(textWidth('e\u0301')).toBe(1);
  expect(textWidth('👨‍👩‍👧')).toBe(2);
  expect(fitText('漢字漢字', 5)).toBe('漢字…');
  expect(fitText('abc', 3)).toBe('abc');
});
