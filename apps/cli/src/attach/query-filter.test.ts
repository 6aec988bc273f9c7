import fc from 'fast-check';
import { expect, test } from 'vitest';
import { QueryFilter } from './query-filter.ts';

const filterAll = (chunks: readonly (string | Uint8Array)[]): Buffer => {
  const filter = new QueryFilter();
  const passed = chunks.map((chunk) => filter.filter(Buffer.from(chunk as string)));
  return Buffer.concat([...passed, filter.flush()]);
};

const queries = [
  '\x1b[c',
  '\x1b[0c',
  '\x1b[>c',
  '\x1b[=c',
  '\x1b[5n',
  '\x1b[6n',
  '\x1b[?6n',
  '\x1b[?2026$p',
  '\x1b[>q',
  '\x1b[?u',
  '\x1b[18t',
  '\x1b[14;2t',
  '\x1b]10;?\x07',
  '\x1b]11;?\x1b\\',
  '\x1b]4;1;?\x07',
  '\x1b]52;c;?\x07',
  '\x1bP+q544e\x1b\\',
  '\x1bP$qm\x1b\\',
  '\x05',
  '\x1bZ',
];

test('A8: every query to which a terminal writes an answer is left out', () => {
  for (const query of queries) expect(filterAll([`a${query}b`]).toString()).toBe('ab');
});

test('A8: a query that is cut anywhere is left out too', () => {
  for (const query of queries)
    for (let cut = 1; cut < query.length; cut += 1)
      expect(filterAll([`a${query.slice(0, cut)}`, `${query.slice(cut)}b`]).toString()).toBe('ab');
});

test('A8: everything else passes unchanged', () => {
  const kept = [
    '\x1b[31mred\x1b[0m',
    '\x1b[2J\x1b[H',
    '\x1b]0;title\x07',
    '\x1b[?1049h',
    '\x1b[8;40;120t',
    '\x1b[5 q',
    '漢字',
    '\x1b[1;5H',
  ];
  for (const text of kept) expect(filterAll([`a${text}b`]).toString()).toBe(`a${text}b`);
});

test('A8: bytes are kept whatever they are and however they are cut', () => {
  const bytes = fc.uint8Array().map((array) => array.map((byte) => (byte === 0x1b || byte === 5 ? 65 : byte)));
  fc.assert(
    fc.property(fc.array(bytes), (chunks) => {
      expect(filterAll(chunks).equals(Buffer.concat(chunks))).toBe(true);
    }),
  );
});

test('A8: an endless sequence is not held back for ever', () => {
  const filter = new QueryFilter();
  const passed = filter.filter(Buffer.from(`\x1b]0;${'x'.repeat(10_000)}`));
  expect(passed.length).toBe(10_004);
});
