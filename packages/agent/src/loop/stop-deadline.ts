/** How long to wait, once a run was stopped, for what it started. */

export interface StopDeadline extends Disposable {
  /** Resolves `ms` after the signal was given. */
  readonly passed: Promise<void>;
}

export const openStopDeadline = (signal: AbortSignal, ms: number): StopDeadline => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let timer: NodeJS.Timeout | undefined;
  const begin = (): void => {
    timer = setTimeout(resolve, ms);
  };
  if (signal.aborted) begin();
  else signal.addEventListener('abort', begin, { once: true });
  return {
    passed: promise,
    [Symbol.dispose]() {
      signal.removeEventListener('abort', begin);
      clearTimeout(timer);
    },
  };
};
