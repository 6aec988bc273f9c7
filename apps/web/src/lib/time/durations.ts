/** Durations and moments in few words, for people who glance. */

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** `12 s`, `4 min`, `2 h 05 min`, `3 d 4 h`. */
export const formatDuration = (seconds: number): string => {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < minute) return `${whole} s`;
  if (whole < hour) return `${Math.floor(whole / minute)} min`;
  if (whole < day) return `${Math.floor(whole / hour)} h ${two(Math.floor((whole % hour) / minute))} min`;
  return `${Math.floor(whole / day)} d ${Math.floor((whole % day) / hour)} h`;
};

/** `just now`, `12 s ago`, `4 min ago`, then the day or the date. */
export const formatAgo = (timestamp: string, now: number): string => {
  const seconds = (now - Date.parse(timestamp)) / 1000;
  if (!Number.isFinite(seconds)) return 'unknown';
  if (seconds < 5) return 'just now';
  if (seconds < day) return `${formatDuration(seconds)} ago`;
  if (seconds < 7 * day) return `${Math.floor(seconds / day)} d ago`;
  return new Date(timestamp).toLocaleDateString(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
};

/** `9:05`, for countdowns of minutes: whole seconds that are left for sure. */
export const formatCountdown = (milliseconds: number): string => {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  return `${Math.floor(seconds / minute)}:${two(seconds % minute)}`;
};

/** `14:03:09` of the local clock. */
export const formatClock = (milliseconds: number): string =>
  new Date(milliseconds).toLocaleTimeString(undefined, { hour12: false });

/** `640 B`, `12.4 MB`. */
export const formatBytes = (bytes: number): string => {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(bytes < 10_000 ? 1 : 0)} kB`;
  return `${(bytes / 1_000_000).toFixed(bytes < 100_000_000 ? 1 : 0)} MB`;
};

const two = (value: number): string => String(value).padStart(2, '0');
