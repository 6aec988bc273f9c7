/** When a recall is due: by its schedule alone, in the time zone of its expression (A5). */
import { NavisError, type RecallSchedule } from '@navisai/protocol';
import { Cron } from 'croner';

/** So many occurrences in the past are counted; more are told as this many. */
export const maxCountedOccurrences = 500;

const field = String.raw`[0-9A-Za-z*,/#-]{1,60}`;
const expressionPattern = new RegExp(
  String.raw`^(@(yearly|annually|monthly|weekly|daily|hourly)|${field}( +${field}){4})$`,
);

/** As Vixie cron: a fixed time that a clock change leaves out comes right after the gap, one that it repeats comes once. */
const cronOf = ({ expression, timezone }: { expression: string; timezone: string }): Cron =>
  new Cron(expression, { paused: true, mode: '5-part', timezone, fixedTimeRule: 'no-wildcard' });

/** Throws NavisError INVALID_ARGUMENT naming the field for a schedule that cannot be or is never due after `nowMs`. */
export const checkSchedule = (schedule: RecallSchedule, nowMs: number): void => {
  if (schedule.kind === 'once' && Date.parse(schedule.at) <= nowMs)
    throw invalid('schedule.at', 'This time has passed. Give one to come, or the schedule {"kind":"now"}.');
  if (schedule.kind !== 'cron') return;
  if (!isTimezone(schedule.timezone))
    throw invalid('schedule.timezone', 'There is no such time zone. Use a name such as Europe/Berlin or UTC.');
  if (!expressionPattern.test(schedule.expression))
    throw invalid(
      'schedule.expression',
      'An expression has five fields: minute, hour, day of the month, month, day of the week.',
    );
  if (nextOrThrow(schedule, nowMs) === null) throw invalid('schedule.expression', 'This expression is never due.');
};

const nextOrThrow = (schedule: Extract<RecallSchedule, { kind: 'cron' }>, nowMs: number): Date | null => {
  try {
    return cronOf(schedule).nextRun(new Date(nowMs));
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : 'not understood';
    throw invalid('schedule.expression', `The expression is not valid: ${reason}`);
  }
};

const invalid = (name: string, message: string): NavisError =>
  new NavisError('INVALID_ARGUMENT', message, { field: name });

const isTimezone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};

/** The first time after `afterMs`; intervals count from `anchorMs`. Null: never. */
export const occurrenceAfter = (schedule: RecallSchedule, afterMs: number, anchorMs: number): number | null => {
  switch (schedule.kind) {
    case 'now':
      return null;
    case 'once':
      return Date.parse(schedule.at) > afterMs ? Date.parse(schedule.at) : null;
    case 'interval': {
      const step = schedule.seconds * 1000;
      return anchorMs + step * Math.max(1, Math.floor((afterMs - anchorMs) / step) + 1);
    }
    case 'cron':
      return cronOf(schedule).nextRun(new Date(afterMs))?.getTime() ?? null;
  }
};

/** The times from `dueMs`, which is one, to `nowMs`, oldest first; of very many the newest. */
export const occurrencesUntil = (schedule: RecallSchedule, dueMs: number, nowMs: number): number[] => {
  switch (schedule.kind) {
    case 'now':
    case 'once':
      return [dueMs];
    case 'interval': {
      const step = schedule.seconds * 1000;
      const passed = Math.floor((nowMs - dueMs) / step);
      const count = Math.min(passed + 1, maxCountedOccurrences);
      return Array.from({ length: count }, (_, index) => dueMs + (passed - count + 1 + index) * step);
    }
    case 'cron': {
      const found = cronOf(schedule).previousRuns(maxCountedOccurrences, new Date(nowMs + 1));
      const times = found.map((date) => date.getTime()).filter((time) => time > dueMs);
      return [dueMs, ...times.toReversed()].slice(-maxCountedOccurrences);
    }
  }
};

/** Where an interval's next time is after a person set it, or a clock was set back. */
export const firstOccurrence = (schedule: RecallSchedule, nowMs: number): number | null =>
  occurrenceAfter(schedule, nowMs, nowMs);
