/** When a recall runs, as a person writes it: a time, a span, an expression (A5). */
import { recallInterval, type RecallSchedule } from '@navisai/protocol';
import { usageError } from '../output/command-error.ts';

const unitSeconds = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;
type Unit = keyof typeof unitSeconds;

const secondsOf = (text: string): number | undefined => {
  const found = /^(\d{1,9})([smhdw])$/.exec(text);
  return found === null ? undefined : Number(found[1]) * unitSeconds[found[2] as Unit];
};

export interface ScheduleFlags {
  at?: string | undefined;
  in?: string | undefined;
  cron?: string | undefined;
  timezone?: string | undefined;
  every?: string | undefined;
  now: boolean;
}

/** Exactly one of them; throws a usage error otherwise. `nowMs` is the time here. */
export const parseSchedule = (flags: ScheduleFlags, nowMs: number): RecallSchedule | undefined => {
  const given = [flags.at, flags.in, flags.cron, flags.every, flags.now || undefined].filter(
    (one) => one !== undefined,
  );
  if (given.length > 1) throw usageError('Give one of --at, --in, --cron, --every and --now.');
  if (flags.timezone !== undefined && flags.cron === undefined) throw usageError('--timezone belongs to --cron.');
  if (flags.now) return { kind: 'now' };
  if (flags.at !== undefined) return { kind: 'once', at: new Date(momentOf(flags.at, nowMs)).toISOString() };
  if (flags.in !== undefined) {
    const seconds = secondsOf(flags.in) ?? refuse('--in', 'a span such as 90s, 20m, 2h or 3d');
    return { kind: 'once', at: new Date(nowMs + seconds * 1000).toISOString() };
  }
  if (flags.cron !== undefined)
    return { kind: 'cron', expression: flags.cron, timezone: flags.timezone ?? timezoneHere() };
  if (flags.every === undefined) return undefined;
  const seconds = secondsOf(flags.every);
  if (seconds === undefined || seconds < recallInterval.min || seconds > recallInterval.max)
    throw usageError('--every must be a span such as 5m, 2h or 1d, of at least 60s and at most 366d.');
  return { kind: 'interval', seconds };
};

const refuse = (flag: string, meaning: string): never => {
  throw usageError(`${flag} must be ${meaning}.`);
};

const timezoneHere = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** `09:30` is the next one; without a zone a time is this computer's. */
const momentOf = (text: string, nowMs: number): number => {
  const clock = /^(\d{1,2}):(\d{2})$/.exec(text);
  if (clock !== null) {
    const [hours, minutes] = [Number(clock[1]), Number(clock[2])];
    if (hours > 23 || minutes > 59) return refuse('--at', 'a time of day from 00:00 to 23:59');
    const at = new Date(nowMs);
    at.setHours(hours, minutes, 0, 0);
    if (at.getTime() <= nowMs) at.setDate(at.getDate() + 1);
    return at.getTime();
  }
  if (!/^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:?\d{2})?)?$/.test(text))
    return refuse('--at', 'a time such as 18:30, 2026-05-01T09:00 or 2026-05-01T09:00Z');
  const parsed = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00` : text);
  return Number.isNaN(parsed) ? refuse('--at', 'a time that exists') : parsed;
};

/** `every 2 h`, `cron 0 9 * * * (UTC)`, `once`. */
export const scheduleWords = (schedule: RecallSchedule): string => {
  switch (schedule.kind) {
    case 'once':
      return `once at ${schedule.at}`;
    case 'now':
      return 'at once';
    case 'cron':
      return `${schedule.expression} (${schedule.timezone})`;
    case 'interval':
      return `every ${spanWords(schedule.seconds)}`;
  }
};

const spanWords = (seconds: number): string => {
  const units = (Object.entries(unitSeconds) as [Unit, number][]).toReversed();
  const [unit, size] = units.find(([, unitSize]) => seconds % unitSize === 0) ?? ['s', 1];
  return `${seconds / size}${unit}`;
};
