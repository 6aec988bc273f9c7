/** Signs of life of a node in a large fleet: cheap, regular, and an end when the hub is silent (N6, F1). */
import type { Frame } from '@navisai/link';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LifeSigns } from './life-signs.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }));
afterEach(() => void vi.useRealTimers());

test('F1: every fourth sign asks for one; while the hub answers, nothing else happens', () => {
  const sent: Frame[] = [];
  let silences = 0;
  using life = new LifeSigns({
    everyMs: 9000,
    send: (frame) => {
      sent.push(frame);
      if (typeof frame !== 'string') life.heard();
    },
    onSilence: () => (silences += 1),
  });
  vi.advanceTimersByTime(72_000);
  const asking = sent.map((frame) => typeof frame !== 'string');
  expect(asking).toEqual([false, false, false, true, false, false, false, true]);
  expect(sent.every((frame) => frame.length === 0)).toBe(true);
  expect(silences).toBe(0);
});

test('N6: a hub from which nothing comes any more is noticed within six intervals', () => {
  let sent = 0;
  let silences = 0;
  using _life = new LifeSigns({ everyMs: 9000, send: () => (sent += 1), onSilence: () => (silences += 1) });
  vi.advanceTimersByTime(45_000);
  expect([sent, silences]).toEqual([5, 0]);
  vi.advanceTimersByTime(9000);
  expect([sent, silences]).toEqual([5, 1]);
});
