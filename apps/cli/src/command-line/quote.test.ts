import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shellText } from './quote.ts';

const run = (text: string): string => spawnSync('bash', ['-c', text], { encoding: 'utf8' }).stdout;

test('I12: one word is shell text and runs as it is', () => {
  expect(shellText(['echo a | tr a b'])).toBe('echo a | tr a b');
});

test('I12: several words reach the program unchanged, whatever is in them', () => {
  const word = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0') && text.isWellFormed());
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (words) => {
      expect(run(shellText(['printf', '%s\\0', ...words]))).toBe(words.map((text) => `${text}\0`).join(''));
    }),
    { numRuns: 40 },
  );
});

test('I12: NAME=value before the program sets a variable for it', () => {
  expect(run(shellText(['A=1 2', 'B=$HOME', 'printenv', 'A', 'B']))).toBe('1 2\n$HOME\n');
  expect(run(shellText(['echo', 'A=1 2']))).toBe('A=1 2\n');
});
