/** Words about projects. */
import { expect, test } from 'vitest';
import { changesInWords, describeGit, fileInWords } from './project-words.ts';

const clean = {
  branch: 'main',
  commit: 'abc1234',
  upstream: 'origin/main',
  ahead: 0,
  behind: 0,
  staged: 0,
  changed: 0,
  untracked: 0,
  conflicts: 0,
  insertions: 0,
  deletions: 0,
};

test('I18: what Git tells of a project is said in words', () => {
  expect(describeGit(null)).toBe('no Git');
  expect(describeGit(clean)).toBe('no changes');
  expect(describeGit({ ...clean, ahead: 2, behind: 1, changed: 3 })).toBe('3 changed · 2 ahead · 1 behind');
  expect(changesInWords({ ...clean, staged: 1, untracked: 2, conflicts: 1 })).toBe('1 conflict, 1 staged, 2 new');
});

test('I18: what became of a file is said in words, also when only a part is staged', () => {
  expect(fileInWords({ index: '?', tree: '?' })).toBe('new');
  expect(fileInWords({ index: ' ', tree: 'M' })).toBe('changed');
  expect(fileInWords({ index: '.', tree: 'D' })).toBe('deleted');
  expect(fileInWords({ index: 'A', tree: '.' })).toBe('added, staged');
  expect(fileInWords({ index: 'M', tree: 'M' })).toBe('changed, partly staged');
  expect(fileInWords({ index: 'u', tree: 'u' })).toBe('conflict');
});
