/** Times and spans as people write them. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseSchedule, scheduleWords } from './schedule-words.ts';

const now = new Date(2026, 4, 1, 12, 0, 0).getTime();
const parse = (flags: Record<string, string | boolean>) => parseSchedule({ now: false, ...flags }, now);

test('A5: a time of day is the next one; a date without a zone is here', () => {
  expect(parse({ at: '18:30' })).toEqual({ kind: 'once', at: new Date(2026, 4, 1, 18, 30).toISOString() });
  expect(parse({ at: '9:05' })).toEqual({ kind: 'once', at: new Date(2026, 4, 2, 9, 5).toISOString() });
  expect(parse({ at: '2026-06-01' })).toEqual({ kind: 'once', at: new Date(2026, 5, 1).toISOString() });
  expect(parse({ at: '2026-06-01T09:00Z' })).toEqual({ kind: 'once', at: '2026-06-01T09:00:00.000Z' });
  expect(parse({ at: '2026-06-01 09:00+02:00' })).toEqual({ kind: 'once', at: '2026-06-01T07:00:00.000Z' });
});

test('A5: spans, expressions with the time zone here, and at once', () => {
  expect(parse({ in: '90s' })).toEqual({ kind: 'once', at: new Date(now + 90_000).toISOString() });
  expect(parse({ every: '2h' })).toEqual({ kind: 'interval', seconds: 7200 });
  expect(parse({ cron: '0 9 * * *', timezone: 'Asia/Tokyo' })).toMatchObject({ timezone: 'Asia/Tokyo' });
  expect(parse({ cron: '0 9 * * *' })).toMatchObject({ timezone: expect.stringMatching(/\w/) });
  expect(parse({ now: true })).toEqual({ kind: 'now' });
  expect(parse({})).toBeUndefined();
});

test.each([
  [{ at: 'tomorrow' }],
  [{ at: '25:00' }],
  [{ at: '2026-13-01' }],
  [{ in: '2 hours' }],
  [{ every: '59s' }],
  [{ every: '900d' }],
  [{ at: '18:30', every: '2h' }],
  [{ now: true, in: '1h' }],
  [{ timezone: 'UTC', every: '2h' }],
])('A5: %j is refused as wrong usage', (flags) => {
  expect(() => parse(flags as Record<string, string | boolean>)).toThrow(
    expect.objectContaining({ facts: expect.objectContaining({ exitCode: 2 }) }),
  );
});

test('A5: an interval is shown as it would be written', () => {
  fc.assert(
    fc.property(fc.integer({ min: 60, max: 30_000_000 }), (seconds) => {
      const shown = scheduleWords({ kind: 'interval', seconds }).replace('every ', '');
      expect(parse({ every: shown })).toEqual({ kind: 'interval', seconds });
    }),
  );
});
