/** Behaviour of the times of messages. */
import { expect, test } from 'vitest';
import { saidAt } from './said-at.ts';

test('issue 6: what was said today has its time, what was said before its day too', () => {
  const now = new Date(2026, 10, 21, 18, 30).getTime();
  expect(saidAt(new Date(2026, 10, 21, 9, 5).toISOString(), now)).toMatch(/^0?9:05/);
  expect(saidAt(new Date(2026, 10, 20, 9, 5).toISOString(), now)).toMatch(/20.*, 0?9:05/);
  expect(saidAt('', now)).toBe('');
});
