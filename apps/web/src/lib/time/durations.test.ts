/** Behaviour of durations in words. */
import { expect, test } from 'vitest';
import { formatAgo, formatBytes, formatCountdown, formatDuration } from './durations.ts';

test('T20: an uptime is told in at most two units and never below zero', () => {
  expect([-5, 0, 59.9, 60, 3599, 3600, 7500, 86_400, 273_600].map(formatDuration)).toEqual([
    '0 s',
    '0 s',
    '59 s',
    '1 min',
    '59 min',
    '1 h 00 min',
    '2 h 05 min',
    '1 d 0 h',
    '3 d 4 h',
  ]);
});

test('T20: the last activity is told relative to now, also when clocks differ', () => {
  const now = Date.parse('2026-01-02T00:00:00.000Z');
  expect(formatAgo('2026-01-02T00:00:03.000Z', now)).toBe('just now');
  expect(formatAgo('2026-01-01T23:59:48.000Z', now)).toBe('12 s ago');
  expect(formatAgo('2025-12-30T23:00:00.000Z', now)).toBe('2 d ago');
  expect(formatAgo('nonsense', now)).toBe('unknown');
});

test('I14: the remaining minutes of a pairing count down to zero', () => {
  expect([600_000, 59_001, 1, -20].map(formatCountdown)).toEqual(['10:00', '0:59', '0:00', '0:00']);
});

test('sizes are told with one unit', () => {
  expect([12, 1500, 99_900, 12_400_000, 640_000_000].map(formatBytes)).toEqual([
    '12 B',
    '1.5 kB',
    '100 kB',
    '12.4 MB',
    '640 MB',
  ]);
});
