/** The action `run` with `terminal_name`: the command executes inside that open shell (T24). */
import { NavisError, timeoutSeconds } from '@navisai/protocol';
import type { TerminalCall, ToolMetadata, ToolResult } from '@navisai/protocol';
import type { TerminalRecord } from '../../pty-hosts.types.ts';
import { commandPath } from '../../shell-integration/shell-scripts.ts';
import type { ShellRunOutcome } from '../../shell-integration/shell-run.types.ts';
import { ended, failed } from './call-result.ts';
import type { Invocation, TerminalContext } from './terminal-context.types.ts';
import { readRange, showTerminalOutput } from './terminal-output.ts';

type RunInTerminalCall = Extract<TerminalCall, { action: 'run' }> & { terminal_name: string };

export const runInTerminal = async (
  context: TerminalContext,
  invocation: Invocation,
  call: RunInTerminalCall,
): Promise<ToolResult> => {
  if (call.working_dir !== undefined)
    throw new NavisError(
      'INVALID_ARGUMENT',
      'working_dir: cannot be given together with terminal_name: the shell has its own directory; use cd. Nothing was started.',
      { field: 'working_dir' },
    );
  const record = context.names.find({ sessionId: invocation.request.sessionId, name: call.terminal_name });
  if (record.exit !== null || context.closings.isClosing(record.terminalId)) throw new NavisError('TERMINAL_EXITED');
  if (!record.background) throw new NavisError('TERMINAL_FOREGROUND');
  context.guard.allowCommand(invocation.request, { text: call.command, workingDirectory: record.workingDirectory });
  context.guard.allowInput(record, invocation.request);
  invocation.onSignal = (signal) => {
    context.shells.noteInterrupt(record.terminalId);
    return context.hosts.signalForeground(record.terminalId, signal);
  };
  using _held = context.closings.hold(record.terminalId);
  const timeoutMs = (call.timeout ?? timeoutSeconds.default) * 1000;
  const { terminalId } = record;
  const outcome = await context.shells.run({ terminalId, command: call.command, timeoutMs, signal: invocation.signal });
  return resultOf(context, invocation, { record, outcome, call, timeoutMs });
};

interface EndedRun {
  record: TerminalRecord;
  outcome: ShellRunOutcome;
  call: RunInTerminalCall;
  timeoutMs: number;
}

const resultOf = async (context: TerminalContext, invocation: Invocation, run: EndedRun): Promise<ToolResult> => {
  const { record, outcome, timeoutMs } = run;
  const { end, shellEnded } = outcome;
  const shown = await showOutput(context, invocation, run);
  const metadata: ToolMetadata = {
    terminal_id: record.terminalId,
    terminal_name: record.name,
    truncated: shown.truncated,
    ...(shellEnded ? { shell_ended: true } : {}),
  };
  if (outcome.shellReplaced) invocation.warnings.push('The shell put another shell in its place (exec).');
  if (end.kind === 'ended') return ended(end, shown.output, metadata);
  if (end.kind === 'lost')
    return failed('INTERRUPTED', { message: `The terminal was lost: ${end.reason}.`, output: shown.output, metadata });
  const message = end.isStillBusy
    ? 'The command did not end, not even by KILL of the job in the foreground: the shell itself is busy.'
    : `The command ran longer than ${timeoutMs / 1000} s; the job in the foreground was ended, the shell ${shellEnded ? 'ended with it' : 'goes on'}.`;
  const facts = { output: shown.output, metadata: { ...metadata, exit_code: null, signal: null } };
  return end.kind === 'timeout' ? failed('timeout', { ...facts, message }) : failed('CANCELLED', facts);
};

const showOutput = async (context: TerminalContext, invocation: Invocation, { record, outcome, call }: EndedRun) => {
  const { callId, sessionId } = invocation.request;
  const { terminalId } = record;
  const { from, to } = outcome.range;
  const clean = (text: string): string => withoutOurs(text, outcome);
  const shown = await showTerminalOutput(context.hosts, { terminalId, from, to, callId, clean });
  if (!shown.truncated) return shown;
  const warning = await context.outputs.keep({
    callId,
    sessionId,
    command: call.command,
    totalBytes: to - from,
    read: (at, maxBytes) =>
      readRange(context.hosts, { terminalId, from: from + at, to: Math.min(to, from + at + maxBytes) }),
    end: outcome.end.kind === 'ended' ? outcome.end : { exitCode: null, signal: null },
  });
  if (warning !== null) invocation.warnings.push(warning);
  return shown;
};

/** Takes out what shells say about the files by which they got the command, and a prompt at the end. */
const withoutOurs = (text: string, { scriptPath, endsWithPrompt }: ShellRunOutcome): string => {
  const kept = endsWithPrompt ? text.slice(0, text.lastIndexOf('\n') + 1) : text;
  // Such as the trace or the echo of our own lines under `set -x` and `set -v`.
  const isOurs = (line: string): boolean => line.includes('__navis_') || line.includes(`${scriptPath}:`);
  return kept
    .split('\n')
    .filter((line) => !isOurs(line))
    .join('\n')
    .replaceAll(commandPath(scriptPath), 'command')
    .replaceAll(`${scriptPath}.x`, 'command');
};
