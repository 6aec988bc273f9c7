/** Behaviour of titles of conversations. */
import { expect, test } from 'vitest';
import { titleFrom } from './title-from.ts';

test('issue 6: a conversation is called after how it begins', () => {
  expect(titleFrom('  Fix the build\nIt fails since yesterday')).toBe('Fix the build');
  expect(titleFrom('# Plan\nmore')).toBe('Plan');
  expect(titleFrom('')).toBe('Conversation');
  const long = titleFrom('please have a look at the access logs of the last three days and tell what is odd');
  expect(long).toBe('please have a look at the access logs of the last three…');
});
