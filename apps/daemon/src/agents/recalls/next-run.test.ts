/** When recalls are due: time zones, clock changes, and what holds for every schedule. */
import type { RecallSchedule } from '@navisai/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkSchedule, maxCountedOccurrences, occurrenceAfter, occurrencesUntil } from './next-run.ts';

const cron = (expression: string, timezone = 'Europe/Berlin'): RecallSchedule => ({
  kind: 'cron',
  expression,
  timezone,
});
const next = (schedule: RecallSchedule, after: string): string | null => {
  const found = occurrenceAfter(schedule, Date.parse(after), Date.parse(after));
  return found === null ? null : new Date(found).toISOString();
};
const now = Date.parse('2026-01-01T00:00:00Z');

test('A5: an expression is due in its own time zone, winter and summer', () => {
  expect(next(cron('0 9 * * *'), '2026-01-01T00:00:00Z')).toBe('2026-01-01T08:00:00.000Z');
  expect(next(cron('0 9 * * *'), '2026-07-01T00:00:00Z')).toBe('2026-07-01T07:00:00.000Z');
  expect(next(cron('0 9 * * MON-FRI', 'America/New_York'), '2026-01-02T15:00:00Z')).toBe('2026-01-05T14:00:00.000Z');
});

test('A5: a time that the clock change leaves out comes right after the gap, on the same day, once', () => {
  expect(next(cron('30 2 * * *'), '2026-03-28T02:00:00Z')).toBe('2026-03-29T01:00:00.000Z');
  expect(next(cron('30 2 * * *'), '2026-03-29T01:00:00Z')).toBe('2026-03-30T00:30:00.000Z');
});

test('A5: a time that the clock change repeats comes once', () => {
  expect(next(cron('30 2 * * *'), '2026-10-24T22:00:00Z')).toBe('2026-10-25T00:30:00.000Z');
  expect(next(cron('30 2 * * *'), '2026-10-25T00:30:00Z')).toBe('2026-10-26T01:30:00.000Z');
  expect(next(cron('30 1-2 * * *'), '2026-10-25T00:30:00Z')).toBe('2026-10-26T00:30:00.000Z');
});

test('A5: what runs every so many minutes goes on in the repeated hour', () => {
  expect(next(cron('*/30 * * * *'), '2026-10-25T00:30:00Z')).toBe('2026-10-25T01:00:00.000Z');
  expect(next(cron('*/30 * * * *'), '2026-10-25T01:00:00Z')).toBe('2026-10-25T01:30:00.000Z');
});

test.each([
  ['0 0 30 2 *', 'schedule.expression'],
  ['* * * * * *', 'schedule.expression'],
  ['? * * * *', 'schedule.expression'],
  ['2026-01-01T00:00:00', 'schedule.expression'],
  ['@reboot', 'schedule.expression'],
  ['61 * * * *', 'schedule.expression'],
  ['words', 'schedule.expression'],
])('A5: the expression %j is refused, naming the field', (expression, field) => {
  expect(() => checkSchedule(cron(expression), now)).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT', field }),
  );
});

test('A5: an unknown time zone and a time that has passed are refused, naming the field', () => {
  const refusal = (schedule: RecallSchedule) => {
    try {
      checkSchedule(schedule, now);
    } catch (error) {
      return error;
    }
    return undefined;
  };
  expect(refusal(cron('0 9 * * *', 'Mars/Base'))).toMatchObject({ field: 'schedule.timezone' });
  expect(refusal({ kind: 'once', at: new Date(now).toISOString() })).toMatchObject({ field: 'schedule.at' });
  expect(refusal({ kind: 'once', at: new Date(now + 1).toISOString() })).toBeUndefined();
  expect(refusal(cron('@daily'))).toBeUndefined();
});

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Africa/Casablanca',
];
const part = (min: number, max: number) =>
  fc.oneof(
    fc.constant('*'),
    fc.integer({ min, max }).map(String),
    fc.integer({ min: 1, max: 12 }).map((step) => `*/${step}`),
    fc.uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength: 3 }).map((list) => list.join(',')),
  );
const anyCron = fc
  .record({ parts: fc.tuple(part(0, 59), part(0, 23), part(1, 28), part(1, 12)), zone: fc.constantFrom(...zones) })
  .map(({ parts, zone }) => cron([...parts, '*'].join(' '), zone));
const anyInterval = fc.integer({ min: 60, max: 1_000_000 }).map((seconds) => ({ kind: 'interval' as const, seconds }));
const anyMoment = fc.integer({ min: Date.parse('2025-01-01'), max: Date.parse('2029-01-01') });

test('A5: the next time lies after the moment, and there is none between', () => {
  fc.assert(
    fc.property(
      fc.oneof(anyCron, anyInterval),
      anyMoment,
      fc.double({ min: 0, max: 1, noNaN: true }),
      (schedule, after, share) => {
        const found = occurrenceAfter(schedule, after, after);
        if (found === null) return;
        expect(found).toBeGreaterThan(after);
        const between = Math.floor(after + (found - 1 - after) * share);
        expect(occurrenceAfter(schedule, between, after)).toBe(found);
      },
    ),
    { numRuns: 200 },
  );
});

test('A5: a cron time is one that the expression names, on the minute', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 59 }), fc.integer({ min: 3, max: 23 }), anyMoment, (minute, hour, after) => {
      const found = new Date(occurrenceAfter(cron(`${minute} ${hour} * * *`), after, after) ?? 0);
      const shown = found.toLocaleTimeString('en-GB', {
        timeZone: 'Europe/Berlin',
        hour: '2-digit',
        minute: '2-digit',
      });
      expect(shown).toBe(`${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);
      expect(found.getTime() % 60_000).toBe(0);
    }),
    { numRuns: 100 },
  );
});

test('A5: the times that passed are those that one finds step by step, the newest of very many', () => {
  fc.assert(
    fc.property(
      fc.oneof(anyCron, anyInterval),
      anyMoment,
      fc.integer({ min: 0, max: 5 * 86_400_000 }),
      (schedule, from, span) => {
        const due = occurrenceAfter(schedule, from, from);
        if (due === null) return;
        const end = due + span;
        const stepwise: number[] = [];
        for (let time: number | null = due; time !== null && time <= end; time = occurrenceAfter(schedule, time, due)) {
          stepwise.push(time);
          if (stepwise.length > maxCountedOccurrences * 2) return;
        }
        expect(occurrencesUntil(schedule, due, end)).toEqual(stepwise.slice(-maxCountedOccurrences));
      },
    ),
    { numRuns: 60 },
  );
});
