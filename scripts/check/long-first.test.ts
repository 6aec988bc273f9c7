/** The list of long test files tells the truth about the tree. */
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { longFiles } from './long-first.ts';

test('every file that is to begin first exists', () => {
  expect(longFiles.filter((path) => !existsSync(new URL(`../../${path}`, import.meta.url)))).toEqual([]);
});
