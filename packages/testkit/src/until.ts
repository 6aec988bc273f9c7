/** Waiting for a condition instead of sleeping. */

const minPauseMs = 10;
const maxPauseMs = 100;
/** Of what was waited already: a long wait looks seldom, and leaves the processor to what it waits for. */
const pauseShare = 0.04;
/** Costs nothing where all is well; a busy machine may take its time. */
export const defaultDeadlineMs = 25_000;

/** Resolves with the first value that is not `undefined` or false; rejects with what `what` says at the deadline. */
export const until = async <T>(
  what: string | (() => string),
  check: () => T | Promise<T>,
  deadlineMs = defaultDeadlineMs,
): Promise<Exclude<T, undefined | false | null>> => {
  const start = performance.now();
  for (;;) {
    const value = await check();
    if (value !== undefined && value !== false && value !== null) return value as Exclude<T, undefined | false | null>;
    const waitedMs = performance.now() - start;
    if (waitedMs > deadlineMs)
      throw new Error(`waited ${deadlineMs} ms in vain: ${typeof what === 'string' ? what : what()}`);
    const pauseMs = Math.min(maxPauseMs, Math.max(minPauseMs, waitedMs * pauseShare));
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
};
