/** Work that may hang, and what is too long. */

/** Rejects with an Error that names `what` when `work` is not done in time; the work itself goes on. */
export const withDeadline = async <T>(work: Promise<T>, { ms, what }: { ms: number; what: string }): Promise<T> => {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${what} took longer than ${ms} ms`)), ms);
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
};
