/** The generated pages are those of the present contract. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generatedDocs } from './generated-docs.ts';

const root = join(import.meta.dirname, '../..');

test.each(await generatedDocs())('T28, I7, P1: $path is what `npm run docs` writes', ({ path, text }) => {
  expect(readFileSync(join(root, path), 'utf8'), 'run: npm run docs').toBe(text);
});
