/** The time of a sub-agent stands still while a person is asked (A2, N8). */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RunClocks, startRunClock } from './run-clock.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('N8: the time is over when it is over, and never once the run has ended', () => {
  using clock = startRunClock(1000, 'r_parent');
  const done = startRunClock(1000, 'r_parent');
  done[Symbol.dispose]();
  done.setWaiting('a', true);
  done.setWaiting('a', false);
  vi.advanceTimersByTime(999);
  expect(clock.signal.aborted).toBe(false);
  vi.advanceTimersByTime(1000);
  expect([clock.signal.aborted, done.signal.aborted]).toEqual([true, false]);
});

test('A2, N8: waiting for a person does not count, for the sub-agent and for all that wait for it', () => {
  const clocks = new RunClocks();
  using outer = startRunClock(1000, 'r_person');
  using inner = startRunClock(500, 'r_outer');
  clocks.add('r_outer', outer);
  clocks.add('r_inner', inner);
  vi.advanceTimersByTime(400);
  clocks.setWaiting('r_inner', 'c_1', true);
  clocks.setWaiting('r_inner', 'c_2', true);
  clocks.setWaiting('r_inner', 'c_1', false);
  vi.advanceTimersByTime(3_600_000);
  expect([outer.signal.aborted, inner.signal.aborted]).toEqual([false, false]);
  clocks.setWaiting('r_inner', 'c_2', false);
  vi.advanceTimersByTime(99);
  expect(inner.signal.aborted).toBe(false);
  vi.advanceTimersByTime(2);
  expect([outer.signal.aborted, inner.signal.aborted]).toEqual([false, true]);
  clocks.remove('r_inner');
  vi.advanceTimersByTime(500);
  expect(outer.signal.aborted).toBe(true);
});
