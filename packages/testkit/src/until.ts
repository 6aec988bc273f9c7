/** Waiting for a condition instead of sleeping. */

const everyMs = 10;
/** Costs nothing where all is well; a busy machine may take its time. */
export const defaultDeadlineMs = 25_000;

/** Resolves with the first value that is not `undefined` or false; rejects with what `what` says at the deadline. */
export const until = async <T>(
  what: string | (() => string),
  check: () => T | Promise<T>,
  deadlineMs = defaultDeadlineMs,
): Promise<Exclude<T, undefined | false | null>> => {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const value = await check();
    if (value !== undefined && value !== false && value !== null) return value as Exclude<T, undefined | false | null>;
    if (performance.now() > end)
      throw new Error(`waited ${deadlineMs} ms in vain: ${typeof what === 'string' ? what : what()}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
};
