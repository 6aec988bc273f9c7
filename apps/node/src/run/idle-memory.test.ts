/** M1: when an idle node collects its garbage. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { keepMemorySmall } from './idle-memory.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('M1: memory is given back once after the start and once after each burst of work, never amid one', () => {
  let collected = 0;
  using memory = keepMemorySmall(() => (collected += 1));
  vi.advanceTimersByTime(60_000);
  expect(collected).toBe(1);
  for (let second = 0; second < 20; second += 1) {
    for (let frame = 0; frame < 10; frame += 1) memory.note();
    vi.advanceTimersByTime(1000);
  }
  expect(collected).toBe(1);
  for (let beat = 0; beat < 20; beat += 1) {
    memory.note();
    vi.advanceTimersByTime(4500);
  }
  expect(collected).toBe(2);
});

test('M1: the real collector works', () => {
  const memory = keepMemorySmall();
  vi.advanceTimersByTime(10_000);
  memory[Symbol.dispose]();
});
