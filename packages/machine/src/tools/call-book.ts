/** The calls under way and the latest results, so that a repeated call id runs nothing twice (architecture, idea 4). */
import { NavisError } from '@navisai/protocol';
import type { ToolResult } from '@navisai/protocol';

export interface CallUnderWay {
  sessionId: string;
  abort: AbortController;
  onSignal(signal: NodeJS.Signals): Promise<void>;
  result: Promise<ToolResult>;
}

export interface CallBook {
  underWay(sessionId: string, callId: string): CallUnderWay | undefined;
  /** Executes, or answers with what an earlier call of this id gave. */
  once(key: { sessionId: string; callId: string }, begin: () => CallUnderWay): Promise<ToolResult>;
  /** Aborts the calls of a session, or all; resolves when they have answered. */
  abort(sessionId?: string): Promise<void>;
}

/** Results that are kept for repeats; the oldest go first. */
const maxKept = { calls: 500, characters: 8 * 1024 * 1024 } as const;
const maxUnderWay = 1000;

export const createCallBook = (): CallBook => {
  const calls = new Map<string, CallUnderWay>();
  const kept = new Map<string, ToolResult>();
  let keptCharacters = 0;

  const keep = (key: string, result: ToolResult): void => {
    kept.set(key, result);
    keptCharacters += result.output.length;
    for (const [oldest, { output }] of kept) {
      if (kept.size <= maxKept.calls && keptCharacters <= maxKept.characters) return;
      kept.delete(oldest);
      keptCharacters -= output.length;
    }
  };

  return {
    underWay: (sessionId, callId) => calls.get(keyOf({ sessionId, callId })),
    async once(names, begin) {
      const key = keyOf(names);
      const earlier = calls.get(key)?.result ?? kept.get(key);
      if (earlier !== undefined) return earlier;
      if (calls.size >= maxUnderWay)
        throw new NavisError('RATE_LIMITED', 'Too many calls are under way on this machine.');
      const call = begin();
      calls.set(key, call);
      try {
        const result = await call.result;
        keep(key, result);
        return result;
      } finally {
        calls.delete(key);
      }
    },
    async abort(sessionId) {
      const aborted = [...calls.values()].filter((call) => sessionId === undefined || call.sessionId === sessionId);
      for (const call of aborted) call.abort.abort();
      await Promise.allSettled(aborted.map((call) => call.result));
    },
  };
};

const keyOf = ({ sessionId, callId }: { sessionId: string; callId: string }): string => `${sessionId}/${callId}`;
