/** Which stretch of the retained bytes is shown at a time: bounded, so that 64 MiB of history cost no more than a few. */

export interface HistoryWindow {
  from: number;
  to: number;
}

/** One step; a screenful of history is some kilobytes, so this is many screens. */
export const windowBytes = 512 * 1024;
/** Full-screen programs write much and leave few lines: a window without enough of them grows up to this. */
export const maxWindowBytes = 4 * 1024 * 1024;

/** The window that ends at `to`. */
export const windowBefore = (to: number, firstOffset: number): HistoryWindow => ({
  from: Math.max(firstOffset, to - windowBytes),
  to: Math.max(to, firstOffset),
});

/**
 * The next older window; `undefined` at the oldest retained byte. What lies before `keepUntil` stays shown; without it
 * the whole window stays, as long as it may grow.
 */
export const earlierWindow = (
  window: HistoryWindow,
  firstOffset: number,
  keepUntil: number | undefined,
): HistoryWindow | undefined => {
  if (window.from <= firstOffset) return undefined;
  if (keepUntil !== undefined && keepUntil < window.to) return windowBefore(keepUntil, firstOffset);
  const from = Math.max(firstOffset, window.from - windowBytes);
  return window.to - from <= maxWindowBytes ? { from, to: window.to } : windowBefore(window.from, firstOffset);
};

/** The next newer window, which still shows what lies after `keepFrom`; `undefined` at the newest byte. */
export const laterWindow = (
  window: HistoryWindow,
  endOffset: number,
  keepFrom: number | undefined,
): HistoryWindow | undefined => {
  if (window.to >= endOffset) return undefined;
  const from = keepFrom ?? Math.max(window.from, window.to - windowBytes / 2);
  return { from, to: Math.min(endOffset, from + windowBytes) };
};
