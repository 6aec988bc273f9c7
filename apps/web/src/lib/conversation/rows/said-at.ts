/** When something was said: the time, with the day where it was another. */

/** `18:02`, `Thu 20 Nov, 18:02`; empty for a time that cannot be read. */
export const saidAt = (timestamp: string, now: number): string => {
  const moment = new Date(timestamp);
  if (Number.isNaN(moment.getTime())) return '';
  const time = moment.toLocaleTimeString(undefined, { hour: 'numeric', minute: '2-digit' });
  if (moment.toDateString() === new Date(now).toDateString()) return time;
  return `${moment.toLocaleDateString(undefined, { weekday: 'short', day: 'numeric', month: 'short' })}, ${time}`;
};
