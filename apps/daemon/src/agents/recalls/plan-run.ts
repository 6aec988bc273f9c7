/** What is done about a recall whose time has come or passed: run, or leave it out, and when it is due again (A5). */
import { maxMissedRuns, type MissedRunPolicy, type RecallSchedule } from '@navisai/protocol';
import { firstOccurrence, occurrenceAfter, occurrencesUntil } from './next-run.ts';

export interface DueRecall {
  schedule: RecallSchedule;
  missed: MissedRunPolicy;
  dueMs: number;
  nowMs: number;
}

export type RunPlan =
  /** The run for `dueMs`; `missed` counts the times before it that it stands for, or that were left out. */
  | { kind: 'run'; dueMs: number; missed: number; nextMs: number | null }
  /** All of them are left out; `dueMs` is the last. */
  | { kind: 'skip'; dueMs: number; missed: number; nextMs: number | null };

/** A run that begins later than this was missed. */
export const graceMs = 60_000;
/** As cron has it: a clock that is set back by less repeats nothing. */
const repeatAfterMs = 3 * 3_600_000;

export const planRun = ({ schedule, missed, dueMs, nowMs }: DueRecall): RunPlan => {
  const times = occurrencesUntil(schedule, dueMs, nowMs);
  const latest = times.at(-1) ?? dueMs;
  const nextMs = occurrenceAfter(schedule, nowMs, latest);
  if (missed === 'run_once') return { kind: 'run', dueMs: latest, missed: times.length - 1, nextMs };
  if (missed === 'skip') {
    if (nowMs - latest > graceMs) return { kind: 'skip', dueMs: latest, missed: times.length, nextMs };
    return { kind: 'run', dueMs: latest, missed: times.length - 1, nextMs };
  }
  const kept = times.slice(-maxMissedRuns);
  const first = kept[0] ?? dueMs;
  return { kind: 'run', dueMs: first, missed: times.length - kept.length, nextMs: kept[1] ?? nextMs };
};

export interface PlannedRecall {
  schedule: RecallSchedule;
  nextMs: number;
  /** When it was last due and ran, or was left out. */
  lastDueMs: number | null;
  nowMs: number;
}

/** Where the time of a recall belongs after the clock was set back; unchanged where it is right. */
export const replan = ({ schedule, nextMs, lastDueMs, nowMs }: PlannedRecall): number => {
  if (schedule.kind === 'once' || schedule.kind === 'now') return nextMs;
  const expected = firstOccurrence(schedule, nowMs);
  if (expected === null || expected >= nextMs) return nextMs;
  if (schedule.kind === 'interval') return expected;
  const isRepeat = lastDueMs !== null && lastDueMs > nowMs && lastDueMs - nowMs < repeatAfterMs;
  return isRepeat ? nextMs : expected;
};
