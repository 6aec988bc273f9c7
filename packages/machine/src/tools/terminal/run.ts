/** The action `run`: one command in a process of its own, or inside an open shell (T1–T9, T24). */
import { errorTable, NavisError, timeoutSeconds } from '@navisai/protocol';
import type { TerminalCall, ToolMetadata, ToolResult } from '@navisai/protocol';
import type { RunOutcome } from '../../machine.types.ts';
import { resolveWorkingDirectory } from '../../working-directory.ts';
import { ended, failed } from './call-result.ts';
import { commandShell } from './command-shell.ts';
import { showStreams } from './output-text.ts';
import { runInTerminal } from './run-in-terminal.ts';
import type { Invocation, TerminalContext } from './terminal-context.types.ts';

type RunCall = Extract<TerminalCall, { action: 'run' }>;

export const runCommand = async (
  context: TerminalContext,
  invocation: Invocation,
  call: RunCall,
): Promise<ToolResult> => {
  const { terminal_name: name } = call;
  if (name !== undefined) return runInTerminal(context, invocation, { ...call, terminal_name: name });
  const { runHosts } = context;
  const { callId, sessionId } = invocation.request;
  const ownerId = runHosts.sessionOf(callId) ?? sessionId;
  if (ownerId !== sessionId)
    throw new NavisError('CONFLICT', 'call_id: is taken. Nothing was started.', { field: 'call_id' });
  const { variables, home, warnings } = await context.environment();
  const workingDirectory = await resolveWorkingDirectory({ requested: call.working_dir, home });
  context.guard.allowCommand(invocation.request, { text: call.command, workingDirectory });
  const [file, ...args] = commandShell(variables, call.command);
  const program = await context.guard.confine({ file, args, workingDirectory, environment: { ...variables } });
  invocation.warnings.push(...warnings);
  if (invocation.signal.aborted) return failed('CANCELLED');
  const cancel = (): void => void runHosts.cancel(callId).catch(() => undefined);
  invocation.signal.addEventListener('abort', cancel, { once: true });
  try {
    const timeoutMs = (call.timeout ?? timeoutSeconds.default) * 1000;
    const request = { callId, sessionId, ...program, timeoutMs };
    const outcome = await runHosts.run(request);
    invocation.warnings.push(...outcome.warnings);
    return resultOf(outcome, { callId, timeoutMs });
  } finally {
    invocation.signal.removeEventListener('abort', cancel);
  }
};

const resultOf = (outcome: RunOutcome, { callId, timeoutMs }: { callId: string; timeoutMs: number }): ToolResult => {
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
