/** Where in its history a terminal is looked at, in words. */
import { formatBytes } from '../../time/durations.ts';
import type { HistoryState } from './history-reader.ts';

export const describeHistory = ({ window, firstOffset }: HistoryState, isAtTop: boolean): string => {
  const isOldest = window.from <= firstOffset && isAtTop;
  if (!isOldest) return 'Older output';
  return firstOffset === 0
    ? 'This is where the terminal began'
    : `The oldest output that is kept; ${formatBytes(firstOffset)} before it are no longer retained`;
};
