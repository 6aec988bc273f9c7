/** Runs one program to its end in the run-host, and says how it ended: what `run`, `code_exec` and `ssh_exec` answer (T3, T6–T8). */
import { errorTable, NavisError } from '@navisai/protocol';
import type { ToolMetadata, ToolResult } from '@navisai/protocol';
import type { Program } from '../../guard.types.ts';
import type { RunOutcome } from '../../machine.types.ts';
import { ended, failed } from './call-result.ts';
import { showStreams } from './output-text.ts';
import type { Invocation, TerminalContext } from './terminal-context.types.ts';

export interface RunProgram {
  /** As the guard confines it. */
  program: Program;
  timeoutMs: number;
}

/** Throws CONFLICT when another session has used this call id. */
export const refuseForeignCall = ({ runHosts }: TerminalContext, { request }: Invocation): void => {
  const { callId, sessionId } = request;
  const ownerId = runHosts.sessionOf(callId) ?? sessionId;
  if (ownerId !== sessionId)
    throw new NavisError('CONFLICT', 'call_id: is taken. Nothing was started.', { field: 'call_id' });
};

/** Joins a call of the same id, or answers with its recorded result (N7). */
export const runProgram = async (
  context: TerminalContext,
  invocation: Invocation,
  run: RunProgram,
): Promise<ToolResult> => {
  const outcome = await outcomeOfProgram(context, invocation, run);
  if (outcome === null) return failed('CANCELLED');
  return resultOfRun(outcome, { callId: invocation.request.callId, timeoutMs: run.timeoutMs });
};

/** `null` when the call was cancelled before anything was started. */
export const outcomeOfProgram = async (
  { runHosts }: TerminalContext,
  invocation: Invocation,
  { program, timeoutMs }: RunProgram,
): Promise<RunOutcome | null> => {
  const { callId, sessionId } = invocation.request;
  if (invocation.signal.aborted) return null;
  const cancel = (): void => void runHosts.cancel(callId).catch(() => undefined);
  invocation.signal.addEventListener('abort', cancel, { once: true });
  try {
    const outcome = await runHosts.run({ callId, sessionId, ...program, timeoutMs });
    invocation.warnings.push(...outcome.warnings);
    return outcome;
  } finally {
    invocation.signal.removeEventListener('abort', cancel);
  }
};

export const resultOfRun = (
  outcome: RunOutcome,
  { callId, timeoutMs }: { callId: string; timeoutMs: number },
): ToolResult => {
  const { end } = outcome;
  const { output, truncated } = showStreams(outcome, callId);
  const metadata: ToolMetadata = { truncated };
  switch (end.kind) {
    case 'ended':
      return ended(end, output, metadata);
    case 'timeout':
      return failed('timeout', {
        message: timeoutMessage(timeoutMs),
        output,
        metadata: { ...metadata, exit_code: null, signal: null },
      });
    case 'cancelled':
      return failed('CANCELLED', { output, metadata });
    case 'interrupted':
      return failed('INTERRUPTED', { output, metadata });
    case 'spawnFailed':
      throw new NavisError('SPAWN_FAILED', `${errorTable.SPAWN_FAILED.message} ${end.message}`);
  }
};

export const timeoutMessage = (timeoutMs: number): string =>
  `The command ran longer than ${timeoutMs / 1000} s; it was ended with everything it started.`;
