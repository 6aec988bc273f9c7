import { expect, test } from 'vitest';
import { ReadTurns } from './read-turns.ts';

test('a terminal that is alone reads much, one beside others little', () => {
  const turns = new ReadTurns();
  const [flood, typing] = [{}, {}];
  const alone = turns.take(flood);
  expect(turns.take(flood)).toBe(alone);
  turns.note(typing);
  expect(turns.take(flood)).toBeLessThan(alone / 4);
  expect(turns.take(flood)).toBeLessThan(alone / 4);
});
