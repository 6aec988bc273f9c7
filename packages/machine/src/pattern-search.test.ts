/** Patterns in output that arrives in pieces. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compilePattern, createPatternSearch } from './pattern-search.ts';

const foundIn = (pattern: string, pieces: readonly (string | Uint8Array)[]): boolean => {
  const search = createPatternSearch(compilePattern(pattern));
  return pieces.some((piece) => {
    search.push(typeof piece === 'string' ? Buffer.from(piece) : piece);
    return search.found();
  });
};

test('T30: a match is found wherever the output is cut, also within characters and escape sequences', () => {
  const output = Buffer.from('boot\r\n\x1b[32mLocal:\x1b[0m  héllo \x1b[1mready\x1b[22m in 5 ms\r\n');
  fc.assert(
    fc.property(fc.array(fc.nat(output.length), { maxLength: 12 }), (cuts) => {
      const places = [0, ...cuts.toSorted((a, b) => a - b), output.length];
      const pieces = places.slice(1).map((end, index) => output.subarray(places[index], end));
      expect(foundIn('^Local: +héllo ready in \\d+ ms$', pieces)).toBe(true);
    }),
  );
});

test('T30: lines are matched at their ends, an unfinished line too', () => {
  expect(foundIn('^>>> $', ['hello\r\n>>> '])).toBe(true);
  expect(foundIn('^b$', ['a\r\nb', '\r\nc'])).toBe(true);
  expect(foundIn('^ello', ['x'.repeat(70_000), 'hello'])).toBe(false);
});

test('T30: what is overwritten at once is still seen', () => {
  expect(foundIn('^listening$', ['listening\r\x1b[Kwaiting'])).toBe(true);
});

test('T30: a match may span the text of earlier searches, within bounds', () => {
  expect(foundIn('begin(?s:.*)end', ['begin\r\n', 'x\r\n'.repeat(5000), 'end'])).toBe(true);
});

test('T30: patterns that cannot run in linear time, or are no patterns, are refused by name', () => {
  for (const pattern of ['(', 'a{2001}', '(?=a)', '(a)\\1', '[', '(?<!x)y', '((a{1,100}){1,100}){1,100}']) {
    expect(() => compilePattern(pattern)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', field: 'wait_for.pattern' }),
    );
  }
});

test('T30: what makes backtracking engines hang takes milliseconds', () => {
  const startedAt = performance.now();
  for (const pattern of ['(a*)*b', '(a|aa)+$', '(.*)(.*)(.*)(.*)x$', `${'a?'.repeat(120)}${'a'.repeat(120)}b`])
    foundIn(pattern, ['a'.repeat(60_000), '!']);
  expect(performance.now() - startedAt).toBeLessThan(3000);
});
