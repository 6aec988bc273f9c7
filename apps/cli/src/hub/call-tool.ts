/** Calls a tool so that a restart of the hub in between loses nothing and runs nothing twice: the call id stays the same. */
import type { Api } from '@navisai/client';
import { newId, type ToolResult } from '@navisai/protocol';
import { setTimeout as delay } from 'node:timers/promises';

export interface ToolCall {
  sessionId: string;
  tool: string;
  /** As given; a call id is added to an object that has none. */
  input: unknown;
}

export interface ToolCallOptions {
  signal?: AbortSignal;
  /** The hub answered a moment ago: one that refuses the connection now is being restarted. */
  isHubKnown?: boolean;
  /** The hub went away in the middle; it is being waited for. */
  onAway?: () => void;
}

/** How long a hub may be away in the middle of a call. */
const awayDeadlineMs = 60_000;
const retryMs = 100;

/** Rejects with the hub's own error (unknown session, not allowed …) or HUB_UNREACHABLE when it is not there or stays away. */
export const callTool = async (api: Api, call: ToolCall, options: ToolCallOptions = {}): Promise<ToolResult> => {
  const body = withCallId(call.input);
  let awaySince: number | undefined;
  const isOver = (): boolean => awaySince !== undefined && performance.now() - awaySince >= awayDeadlineMs;
  for (;;) {
    try {
      const result = await api.callTool(
        { params: { id: call.sessionId, tool: call.tool }, body },
        { signal: options.signal },
      );
      // The hub is back before the node that has the call.
      if (awaySince === undefined || !awayCodes.has(result.error?.code ?? '') || isOver()) return result;
    } catch (error) {
      if (!isAway(error) || options.signal?.aborted) throw error;
      // Refused at the first attempt: there is no hub, and nothing was begun.
      if (awaySince === undefined && options.isHubKnown !== true && isRefused(error)) throw error;
      if (awaySince === undefined) options.onAway?.();
      awaySince ??= performance.now();
      if (isOver()) throw error;
    }
    await delay(retryMs);
  }
};

const awayCodes: ReadonlySet<string> = new Set(['NODE_OFFLINE', 'LINK_DOWN']);

const isAway = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'HUB_UNREACHABLE';

const isRefused = (error: unknown): boolean => {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED';
};

const withCallId = (input: unknown): unknown =>
  typeof input === 'object' && input !== null && !Array.isArray(input) && !Object.hasOwn(input, 'call_id')
    ? { ...input, call_id: newId('call') }
    : input;
