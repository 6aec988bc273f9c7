/** Behaviour of the language of a file. */
import { expect, test } from 'vitest';
import { languageOf } from './language-of.ts';

test('I18: the language of a file is known by its name, an unknown one is none', () => {
  expect(['src/a.ts', 'Dockerfile', 'a.b.py', 'x.constructor', 'Makefile'].map(languageOf)).toEqual([
    'typescript',
    'dockerfile',
    'python',
    undefined,
    undefined,
  ]);
});
