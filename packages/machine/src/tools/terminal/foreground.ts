/** A foreground terminal from its start to its end: it closes itself, also when the hub was restarted meanwhile (T14). */
import type { ToolResult } from '@navisai/protocol';
import type { TerminalRecord } from '../../pty-hosts.types.ts';
import { ended, failed } from './call-result.ts';
import { timeoutMessage } from './run-program.ts';
import type { Invocation, TerminalContext } from './terminal-context.types.ts';
import { waitForExit } from './terminal-exit.ts';
import { readRange, showTerminalOutput } from './terminal-output.ts';

/** Labels in the record, by which a restarted hub goes on. */
export const foregroundLabels = { timeoutMs: 'timeout_ms', callId: 'call_id' } as const;

/** Resolves when the terminal has ended or its time is over, and its name and place are free again. */
export const followForeground = async (
  context: TerminalContext,
  invocation: Invocation,
  record: TerminalRecord,
): Promise<ToolResult> => {
  const { hosts, closings } = context;
  const { terminalId } = record;
  const timeoutMs = Number(record.labels[foregroundLabels.timeoutMs]);
  invocation.onSignal = (signal) => hosts.signalForeground(terminalId, signal);
  const held = closings.hold(terminalId);
  try {
    const remainingMs = timeoutMs - Math.max(0, Date.now() - Date.parse(record.startedAt));
    const exit = await waitForExit(hosts, { terminalId, timeoutMs: remainingMs, signal: invocation.signal });
    if (exit === null && hosts.get(terminalId)?.exit === null) await hosts.kill(terminalId);
    return await resultOf(context, invocation, { record, isOver: exit === null, timeoutMs });
  } finally {
    held[Symbol.dispose]();
    const last = hosts.get(terminalId);
    if (last !== undefined) await closings.close(last, 'the command has ended').catch(() => undefined);
  }
};

const resultOf = async (
  context: TerminalContext,
  invocation: Invocation,
  { record, isOver, timeoutMs }: { record: TerminalRecord; isOver: boolean; timeoutMs: number },
): Promise<ToolResult> => {
  const { hosts } = context;
  const { terminalId } = record;
  const { endOffset: to, exit } = hosts.get(terminalId) ?? record;
  const { callId, sessionId } = invocation.request;
  const shown = await showTerminalOutput(hosts, { terminalId, from: 0, to, callId });
  const end = { exitCode: exit?.exitCode ?? null, signal: exit?.signal ?? null };
  const wasClosed = context.closings.isClosing(terminalId);
  if (shown.truncated) {
    const read = (from: number, maxBytes: number): Promise<Uint8Array> =>
      readRange(hosts, { terminalId, from, to: Math.min(to, from + maxBytes) });
    const warning = await context.outputs.keep({
      callId,
      sessionId,
      command: record.command,
      totalBytes: to,
      read,
      end,
    });
    if (warning !== null) invocation.warnings.push(warning);
  }
  const metadata = {
    terminal_id: terminalId,
    terminal_name: record.name,
    pid: record.pid,
    truncated: shown.truncated,
    exit_code: end.exitCode,
    signal: end.signal,
  };
  const facts = { output: shown.output, metadata };
  if (invocation.signal.aborted) return failed('CANCELLED', facts);
  if (wasClosed) return failed('CANCELLED', { ...facts, message: 'The terminal was closed by another call.' });
  if (isOver) return failed('timeout', { ...facts, message: timeoutMessage(timeoutMs) });
  if (exit?.kind === 'lost')
    return failed('INTERRUPTED', { ...facts, message: `The terminal was lost: ${exit.reason ?? 'its host ended'}.` });
  return ended(end, shown.output, metadata);
};
