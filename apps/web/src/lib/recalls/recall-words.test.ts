/** Words about recalls. */
import { expect, test } from 'vitest';
import {
  cronInWords,
  intervalInWords,
  momentInWords,
  type ScheduleForm,
  scheduleInWords,
  toSchedule,
} from './recall-words.ts';

const form = (facts: Partial<ScheduleForm>): ScheduleForm => ({
  repetition: 'daily',
  at: '',
  time: '08:05',
  day: 1,
  cron: '',
  ...facts,
});
const facts = { timezone: 'Europe/Berlin', now: Date.parse('2026-11-21T12:00:00.000Z') };

test('A5: intervals are told in the largest unit that fits', () => {
  expect([60, 5400, 7200, 86_400, 61].map(intervalInWords)).toEqual([
    'minute',
    '90 minutes',
    '2 hours',
    'day',
    '61 seconds',
  ]);
});

test('A5: what the form makes is told in words, other expressions as they are', () => {
  const daily = toSchedule(form({}), facts);
  expect(daily).toEqual({ kind: 'cron', expression: '5 8 * * *', timezone: 'Europe/Berlin' });
  expect(cronInWords('5 8 * * *')).toBe('every day at 08:05');
  expect(toSchedule(form({ repetition: 'weekly' }), facts)).toMatchObject({ expression: '5 8 * * 1' });
  expect(cronInWords('30 22 * * 1')).toBe('every Monday at 22:30');
  expect(cronInWords('0 6 1 * *')).toBe('on day 1 of every month at 06:00');
  expect(cronInWords('0 6 1 * 5')).toBe('cron 0 6 1 * 5');
  expect(cronInWords('*/5 * * * *')).toBe('cron */5 * * * *');
});

test('A5: a moment in the past, or none, is no schedule', () => {
  expect(toSchedule(form({ repetition: 'once', at: '2026-11-20T08:00' }), facts)).toBeUndefined();
  expect(toSchedule(form({ repetition: 'once' }), facts)).toBeUndefined();
  expect(toSchedule(form({ time: '' }), facts)).toBeUndefined();
  expect(toSchedule(form({ repetition: 'cron', cron: ' ' }), facts)).toBeUndefined();
});

test('A5: a schedule of another time zone names it, one of here does not', () => {
  const schedule = { kind: 'cron', expression: '5 8 * * *', timezone: 'Europe/Berlin' } as const;
  expect(scheduleInWords(schedule, { here: 'Europe/Berlin', now: facts.now })).toBe('every day at 08:05');
  expect(scheduleInWords(schedule, { here: 'UTC', now: facts.now })).toBe('every day at 08:05, Europe/Berlin');
});

test('A5: moments near today are told by their day', () => {
  const now = new Date(2026, 10, 21, 12).getTime();
  const told = (day: number, month = 10): string =>
    momentInWords(new Date(2026, month, day, 8, 5).toISOString(), now).replace(/ \d.*$/, '');
  expect([told(20), told(21), told(22)]).toEqual(['yesterday', 'today', 'tomorrow']);
  expect(told(23)).not.toMatch(/today|tomorrow|yesterday/);
  expect(momentInWords(new Date(2027, 0, 2, 8, 5).toISOString(), now)).toContain('2027');
});
