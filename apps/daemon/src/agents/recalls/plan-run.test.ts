/** What is done about runs that were missed, and about clocks that are set back. */
import type { RecallSchedule } from '@navisai/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planRun, replan } from './plan-run.ts';

const due = Date.parse('2026-01-01T00:00:00Z');
const hour = 3_600_000;
const hourly: RecallSchedule = { kind: 'interval', seconds: 3600 };
const nightly: RecallSchedule = { kind: 'cron', expression: '0 0 * * *', timezone: 'UTC' };

test('A5: in time it runs, whatever the policy', () => {
  for (const missed of ['run_once', 'skip', 'run_all'] as const)
    expect(planRun({ schedule: hourly, missed, dueMs: due, nowMs: due + 5000 })).toEqual({
      kind: 'run',
      dueMs: due,
      missed: 0,
      nextMs: due + hour,
    });
});

test('A5: run_once makes up for all that was missed with one run', () => {
  expect(planRun({ schedule: hourly, missed: 'run_once', dueMs: due, nowMs: due + 5.5 * hour })).toEqual({
    kind: 'run',
    dueMs: due + 5 * hour,
    missed: 5,
    nextMs: due + 6 * hour,
  });
});

test('A5: skip leaves out what was missed, and runs what is due now', () => {
  const late = { schedule: hourly, missed: 'skip' as const, dueMs: due };
  expect(planRun({ ...late, nowMs: due + 5.5 * hour })).toEqual({
    kind: 'skip',
    dueMs: due + 5 * hour,
    missed: 6,
    nextMs: due + 6 * hour,
  });
  expect(planRun({ ...late, nowMs: due + 5 * hour + 1 })).toMatchObject({
    kind: 'run',
    dueMs: due + 5 * hour,
    missed: 5,
  });
  const once: RecallSchedule = { kind: 'once', at: new Date(due).toISOString() };
  expect(planRun({ schedule: once, missed: 'skip', dueMs: due, nowMs: due + hour })).toMatchObject({
    kind: 'skip',
    nextMs: null,
  });
});

test('A5: run_all makes up for each, at most the newest ten', () => {
  const all = { missed: 'run_all' as const, dueMs: due };
  const plan = planRun({ ...all, schedule: hourly, nowMs: due + 2.5 * hour });
  expect(plan).toEqual({ kind: 'run', dueMs: due, missed: 0, nextMs: due + hour });
  const many = planRun({ ...all, schedule: nightly, nowMs: due + 100 * 24 * hour });
  expect(many).toMatchObject({ missed: 91, dueMs: due + 91 * 24 * hour, nextMs: due + 92 * 24 * hour });
});

test('A5: whatever passed, nothing runs before its time and the next one is after this one', () => {
  const anySchedule = fc.oneof(
    fc.constant(nightly),
    fc.integer({ min: 60, max: 90_000 }).map((seconds) => ({ kind: 'interval' as const, seconds })),
  );
  fc.assert(
    fc.property(
      anySchedule,
      fc.constantFrom('run_once', 'skip', 'run_all'),
      fc.integer({ min: 0, max: 1e9 }),
      (schedule, missed, late) => {
        const nowMs = due + late;
        const plan = planRun({ schedule, missed, dueMs: due, nowMs });
        expect(plan.dueMs).toBeGreaterThanOrEqual(due);
        expect(plan.dueMs).toBeLessThanOrEqual(nowMs);
        expect(plan.nextMs).toBeGreaterThan(plan.dueMs);
        if (missed !== 'run_all') expect(plan.nextMs).toBeGreaterThan(nowMs);
      },
    ),
  );
});

test('A5: after the clock was set back an interval waits no longer than it is', () => {
  expect(replan({ schedule: hourly, nextMs: due + 900 * hour, lastDueMs: due + 899 * hour, nowMs: due })).toBe(
    due + hour,
  );
  expect(replan({ schedule: hourly, nextMs: due + 1, lastDueMs: null, nowMs: due })).toBe(due + 1);
});

test('A5: a clock that is set back a little repeats nothing; one that was far ahead is followed', () => {
  const nextMs = due + 24 * hour;
  expect(replan({ schedule: nightly, nextMs, lastDueMs: due, nowMs: due - hour })).toBe(nextMs);
  const years = due + 365 * 24 * hour;
  expect(replan({ schedule: nightly, nextMs: years, lastDueMs: years - 24 * hour, nowMs: due + hour })).toBe(nextMs);
  const once: RecallSchedule = { kind: 'once', at: new Date(years).toISOString() };
  expect(replan({ schedule: once, nextMs: years, lastDueMs: null, nowMs: due })).toBe(years);
});
