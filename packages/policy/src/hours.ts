/** Whether a moment lies within the hours of a ceiling (N12). */
import type { Ceiling } from '@navisai/protocol';

/** In the local time of the machine that executes. */
export interface Moment {
  /** 0 is Sunday, as of `Date.getDay`. */
  day: number;
  minuteOfDay: number;
}

export const momentOf = (date: Date): Moment => ({
  day: date.getDay(),
  minuteOfDay: date.getHours() * 60 + date.getMinutes(),
});

type Window = NonNullable<Ceiling['hours']>[number];
const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

export const isWithinHours = (hours: readonly Window[], moment: Moment): boolean =>
  hours.some((window) => isWithin(window, moment));

/** A window over midnight belongs to the day on which it begins; one whose ends are equal is the whole day. */
const isWithin = ({ days, from, to }: Window, { day, minuteOfDay }: Moment): boolean => {
  const [start, end] = [minutes(from), minutes(to)];
  const isOn = (index: number): boolean => {
    const name = dayNames[(index + 7) % 7];
    return name !== undefined && (days === undefined || days.includes(name));
  };
  if (start < end) return isOn(day) && minuteOfDay >= start && minuteOfDay < end;
  return (isOn(day) && minuteOfDay >= start) || (isOn(day - 1) && minuteOfDay < end);
};

const minutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

export const hoursInWords = (hours: readonly Window[]): string =>
  hours.length === 0
    ? 'never'
    : hours.map(({ days, from, to }) => `${days === undefined ? '' : `${days.join(', ')} `}${from}–${to}`).join('; ');
