/** Schedules and outcomes of recalls in words, and words as schedules. */
import type { Recall, RecallRunState, RecallSchedule } from '@navisai/protocol';

export type Repetition = 'once' | 'hourly' | 'daily' | 'weekly' | 'cron';

export interface ScheduleForm {
  repetition: Repetition;
  /** `2026-11-21T18:30`, local. */
  at: string;
  /** `18:30`, local. */
  time: string;
  /** 0 is Sunday. */
  day: number;
  cron: string;
}

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** The time zone is told where it is another than `here`. */
export const scheduleInWords = (schedule: RecallSchedule, { here, now }: { here: string; now: number }): string => {
  switch (schedule.kind) {
    case 'once':
      return `once, ${momentInWords(schedule.at, now)}`;
    case 'now':
      return 'at once';
    case 'interval':
      return `every ${intervalInWords(schedule.seconds)}`;
    case 'cron':
      return cronInWords(schedule.expression) + (schedule.timezone === here ? '' : `, ${schedule.timezone}`);
  }
};

export const intervalInWords = (seconds: number): string => {
  const unit = [
    { length: day, name: 'day' },
    { length: hour, name: 'hour' },
    { length: minute, name: 'minute' },
  ].find(({ length }) => seconds % length === 0) ?? { length: 1, name: 'second' };
  const count = seconds / unit.length;
  return count === 1 ? unit.name : `${count} ${unit.name}s`;
};

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** What is common is told in words; everything else as it is written. */
export const cronInWords = (expression: string): string => {
  const [, minutes = '', hours = '', date = '', weekday = ''] =
    /^(\d{1,2}) (\d{1,2}) (\*|\d{1,2}) \* (\*|\d)$/.exec(expression) ?? [];
  const time = `at ${hours.padStart(2, '0')}:${minutes.padStart(2, '0')}`;
  if (date === '*') return weekday === '*' ? `every day ${time}` : `every ${weekdays[Number(weekday) % 7]} ${time}`;
  if (date !== '' && weekday === '*') return `on day ${date} of every month ${time}`;
  return `cron ${expression}`;
};

/** `undefined` where something is missing or in the past. */
export const toSchedule = (
  form: ScheduleForm,
  facts: { timezone: string; now: number },
): RecallSchedule | undefined => {
  const [hours = '', minutes = ''] = form.time.split(':');
  const clock = `${Number(minutes)} ${Number(hours)}`;
  switch (form.repetition) {
    case 'once': {
      const at = Date.parse(form.at);
      return at > facts.now ? { kind: 'once', at: new Date(at).toISOString() } : undefined;
    }
    case 'hourly':
      return { kind: 'interval', seconds: hour };
    case 'daily':
      return form.time === '' ? undefined : { kind: 'cron', expression: `${clock} * * *`, timezone: facts.timezone };
    case 'weekly':
      return form.time === ''
        ? undefined
        : { kind: 'cron', expression: `${clock} * * ${form.day}`, timezone: facts.timezone };
    case 'cron': {
      const expression = form.cron.trim();
      return expression === '' ? undefined : { kind: 'cron', expression, timezone: facts.timezone };
    }
  }
};

/** `today 16:30`, `tomorrow 08:00`, then the date; in the clock of this device. */
export const momentInWords = (timestamp: string, now: number): string => {
  const moment = new Date(timestamp);
  const time = moment.toLocaleTimeString(undefined, { hour: 'numeric', minute: '2-digit' });
  const near = nearDays.find(({ offset }) => isSameDay(moment, new Date(now), offset));
  if (near !== undefined) return `${near.name} ${time}`;
  const isThisYear = moment.getFullYear() === new Date(now).getFullYear();
  const date = { weekday: 'short', day: 'numeric', month: 'short' } as const;
  return `${moment.toLocaleDateString(undefined, isThisYear ? date : { dateStyle: 'medium' })} ${time}`;
};

const nearDays = [
  { offset: -1, name: 'yesterday' },
  { offset: 0, name: 'today' },
  { offset: 1, name: 'tomorrow' },
];

const isSameDay = (one: Date, other: Date, offset: number): boolean =>
  one.toDateString() === new Date(other.getFullYear(), other.getMonth(), other.getDate() + offset).toDateString();

type Tone = 'good' | 'warn' | 'bad' | 'ended';

export const runTone: Readonly<Record<RecallRunState, Tone>> = {
  running: 'good',
  completed: 'good',
  failed: 'bad',
  stopped: 'ended',
  interrupted: 'warn',
  missed: 'warn',
};

export const runWords: Readonly<Record<RecallRunState, string>> = {
  running: 'Running, since',
  completed: 'Went well',
  failed: 'Failed',
  stopped: 'Was stopped',
  interrupted: 'Was interrupted',
  missed: 'Was missed',
};

/** The state of a recall as its dot tells it. */
export const recallState = ({ isRunning, paused, lastRun, nextAt }: Recall): { tone: Tone; label: string } => {
  if (isRunning) return { tone: 'good', label: 'Running' };
  if (paused) return { tone: 'ended', label: 'Paused' };
  if (lastRun !== null && runTone[lastRun.state] === 'bad') return { tone: 'bad', label: 'Failed' };
  return nextAt === null ? { tone: 'ended', label: 'Done' } : { tone: 'good', label: 'Waiting' };
};
