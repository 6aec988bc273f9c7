import { expect, test } from 'vitest';
import { editDistance, nearest } from './suggest.ts';

test('I12: the nearest known word is suggested, a far one is not', () => {
  const words = ['status', 'sessions', 'attach', 'down', 'up', 'terminal'];
  expect(nearest('stauts', words)).toBe('status');
  expect(nearest('term', words)).toBe('terminal');
  expect(nearest('atach', words)).toBe('attach');
  expect(nearest('ATTACH', words)).toBe('attach');
  expect(nearest('frobnicate', words)).toBeUndefined();
  expect(nearest('x'.repeat(10_000), words)).toBeUndefined();
});

test('I12: neighbours that changed places are one mistake', () => {
  expect(editDistance('ab', 'ba')).toBe(1);
  expect(editDistance('kitten', 'sitting')).toBe(3);
  expect(editDistance('', 'abc')).toBe(3);
});
