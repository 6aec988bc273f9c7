/** The action `close` (T19). */
import type { TerminalCall, ToolResult } from '@navisai/protocol';
import { succeeded } from './call-result.ts';
import type { Invocation, TerminalContext } from './terminal-context.types.ts';

type CloseCall = Extract<TerminalCall, { action: 'close' }>;

export const closeTerminal = async (
  { names, closings }: TerminalContext,
  { request }: Invocation,
  call: CloseCall,
): Promise<ToolResult> => {
  const record = names.find({ sessionId: request.sessionId, name: call.terminal_name });
  const wasRunning = record.exit === null;
  const exit = await closings.close(record, 'closed');
  const how = exit.reason ?? (exit.signal === null ? `exit code ${exit.exitCode ?? 'unknown'}` : exit.signal);
  const text = wasRunning ? `it was running and was ended (${how})` : `it had ended before (${how})`;
  return succeeded(`Terminal '${record.name}' is closed; ${text}.`, {
    terminal_id: record.terminalId,
    terminal_name: record.name,
    exit_code: exit.exitCode,
    signal: exit.signal,
  });
};
