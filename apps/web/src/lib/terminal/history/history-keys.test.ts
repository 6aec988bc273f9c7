/** Behaviour of keys and words while older output is looked at. */
import { expect, test } from 'vitest';
import { judgeHistoryKey } from './history-keys.ts';
import { describeHistory } from './history-words.ts';

test('T17: pages, lines, the beginning and the way back have keys', () => {
  const wish = (key: string) => judgeHistoryKey({ key }, 24);
  expect(['PageUp', 'PageDown', 'ArrowUp', 'ArrowDown'].map(wish)).toEqual([-23, 23, -1, 1]);
  expect(['Home', 'End', 'Escape', 'x'].map(wish)).toEqual(['start', 'leave', 'leave', undefined]);
});

test('T17: what is no longer retained is said', () => {
  const state = { window: { from: 0, to: 100 }, firstOffset: 0, endOffset: 100, isLoading: false };
  expect(describeHistory(state, false)).toBe('Older output');
  expect(describeHistory(state, true)).toBe('This is where the terminal began');
  const dropped = { ...state, firstOffset: 36_000_000, window: { from: 36_000_000, to: 37_000_000 } };
  expect(describeHistory(dropped, true)).toContain('36.0 MB before it are no longer retained');
});
