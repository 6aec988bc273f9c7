/** After a restart of the hub, what a call needs is waited for (decision 023). */

/** How long a call from before a restart waits for what it needs. */
const returnMs = 60_000;

/** `next` answers false when there is nothing more to wait for. */
export const waitForReturn = (
  onReturn: (listener: () => void) => () => void,
  signal: AbortSignal,
): { next(): Promise<boolean> } => {
  const late = Date.now() + returnMs;
  return {
    async next() {
      if (signal.aborted || Date.now() >= late) return false;
      const { promise, resolve } = Promise.withResolvers<void>();
      const stop = onReturn(resolve);
      const timer = setTimeout(resolve, Math.max(0, late - Date.now()));
      const onAbort = (): void => resolve();
      signal.addEventListener('abort', onAbort, { once: true });
      await promise;
      signal.removeEventListener('abort', onAbort);
      clearTimeout(timer);
      stop();
      return true;
    },
  };
};
