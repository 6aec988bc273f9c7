/** Lines of files are found and counted as if the whole file were read at once. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LineSearch } from './line-search.ts';
import { readLines } from './read-lines.ts';

let folder = '';
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'navis-lines-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const check = (): void => undefined;
const inFile = async <T>(text: string, act: (handle: Awaited<ReturnType<typeof open>>) => Promise<T>): Promise<T> => {
  const path = join(folder, 'file');
  writeFileSync(path, text);
  await using handle = await open(path);
  return await act(handle);
};

/** Lines of very different lengths, so that pieces end anywhere. */
const textArbitrary = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom('', 'needle', 'hay', 'a needle here', 'é€😀', 'hay\r') },
      { weight: 1, arbitrary: fc.nat(40_000).map((length) => 'h'.repeat(length)) },
    ),
    { maxLength: 40 },
  )
  .chain((lines) => fc.constantFrom(lines.join('\n'), `${lines.join('\n')}\n`));

const linesOf = (text: string): string[] => (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');

test('P5: a search finds the lines and their context that a search of the whole text finds', async () => {
  await fc.assert(
    fc.asyncProperty(textArbitrary, fc.nat(3), async (text, context) => {
      const search = new LineSearch(RE2JS.compile('needle$', RE2JS.MULTILINE), { context, check });
      const found = await inFile(text, (handle) => search.inFile(handle, 1000));
      const lines = text === '' ? [] : linesOf(text).map((line) => line.replace(/\r$/, ''));
      const isMatch = lines.map((line) => line.endsWith('needle'));
      const isShown = lines.map((_, at) => isMatch.slice(Math.max(0, at - context), at + context + 1).includes(true));
      const expected = lines.flatMap((_, at) =>
        isShown[at] === true ? [{ number: at + 1, isMatch: isMatch[at] }] : [],
      );
      expect(found?.map(({ number, isMatch: is }) => ({ number, isMatch: is }))).toEqual(expected);
    }),
    { numRuns: 150 },
  );
});

test('P5: lines are read by number as they stand in the file', async () => {
  await fc.assert(
    fc.asyncProperty(
      textArbitrary,
      fc.integer({ min: 1, max: 45 }),
      fc.integer({ min: 1, max: 45 }),
      async (text, from, limit) => {
        const pieces = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
        const expected = pieces.slice(from - 1, from - 1 + limit).join('');
        const { text: read, metadata } = await inFile(text, (handle) =>
          readLines(handle, { from, limit, path: 'file', check }),
        );
        if (Buffer.byteLength(expected) > 256 * 1024) {
          expect(expected.startsWith(read) && read !== '').toBe(true);
          expect(metadata['next_from']).toBe(from + Number(metadata['lines']));
        } else {
          expect(read).toBe(expected);
          expect(metadata['lines']).toBe(pieces.slice(from - 1, from - 1 + limit).length);
        }
      },
    ),
    { numRuns: 150 },
  );
});
