/** Behaviour of pasting. */
import { expect, test } from 'vitest';
import { judgePaste } from './paste.ts';

test('A8: escape sequences cannot break out of a bracketed paste', () => {
  expect(judgePaste('ls\u001b[201~\nrm -rf x', true)).toEqual({ kind: 'ready', text: 'ls[201~\nrm -rf x' });
  expect(judgePaste('\u001b\u0007', true)).toEqual({ kind: 'empty' });
});

test('several lines are asked about when the program would run each at once', () => {
  expect(judgePaste('one\ntwo', false)).toEqual({ kind: 'ask', text: 'one\ntwo', lines: 2 });
  expect(judgePaste('one\ntwo', true).kind).toBe('ready');
  expect(judgePaste('one\n', false).kind).toBe('ready');
});

test('T22: more than the hub takes at once is told before anything is sent', () => {
  expect(judgePaste('ä'.repeat(600_000), true)).toEqual({ kind: 'tooLarge' });
  expect(judgePaste('a'.repeat(1_048_576), true).kind).toBe('ready');
});
