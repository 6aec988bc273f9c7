/** Waits for the end of a terminal's program. */
import type { ExitState, PtyHosts } from '../../pty-hosts.types.ts';

export interface ExitRequest {
  terminalId: string;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/** `null` after the timeout, an abort, or when the terminal is gone. */
export const waitForExit = (
  hosts: Pick<PtyHosts, 'get' | 'onEvent'>,
  request: ExitRequest,
): Promise<ExitState | null> => {
  const { terminalId, timeoutMs, signal } = request;
  const record = hosts.get(terminalId);
  if (record === undefined || record.exit !== null) return Promise.resolve(record?.exit ?? null);
  return new Promise((resolve) => {
    const finish = (exit: ExitState | null): void => {
      clearTimeout(timer);
      stopListening();
      signal?.removeEventListener('abort', onAbort);
      resolve(exit);
    };
    const onAbort = (): void => finish(null);
    const timer = setTimeout(() => finish(null), Math.max(0, timeoutMs));
    const stopListening = hosts.onEvent((event) => {
      if (event.type === 'exited' && event.terminalId === terminalId) finish(event.exit);
    });
    if (signal?.aborted === true) finish(null);
    else signal?.addEventListener('abort', onAbort, { once: true });
  });
};
