/** Calls that wait for a person. */
import type { Approval } from '@navisai/protocol';

export interface Waiting {
  /** Resolves once the approval is decided, has expired or was withdrawn, or with `undefined` when the signal ends it. */
  for(approvalId: string, signal: AbortSignal): Promise<Approval | undefined>;
  settle(approval: Approval): void;
}

export const createWaiting = (): Waiting => {
  const waiting = new Map<string, Set<(approval: Approval) => void>>();
  return {
    async for(approvalId, signal) {
      if (signal.aborted) return undefined;
      const { promise, resolve } = Promise.withResolvers<Approval | undefined>();
      const end = (): void => resolve(undefined);
      const group = waiting.get(approvalId) ?? new Set();
      waiting.set(approvalId, group.add(resolve));
      signal.addEventListener('abort', end, { once: true });
      try {
        return await promise;
      } finally {
        signal.removeEventListener('abort', end);
        group.delete(resolve);
        if (group.size === 0) waiting.delete(approvalId);
      }
    },
    settle(approval) {
      for (const resolve of waiting.get(approval.id) ?? []) resolve(approval);
    },
  };
};
