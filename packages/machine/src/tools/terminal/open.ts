/** The action `open` (T10–T16, T30). */
import { defaultTerminalSize, newId, timeoutSeconds } from '@navisai/protocol';
import type { TerminalCall, ToolMetadata, ToolResult } from '@navisai/protocol';
import type { ExitState, TerminalRecord } from '../../pty-hosts.types.ts';
import { resolveWorkingDirectory } from '../../working-directory.ts';
import { failed, succeeded } from './call-result.ts';
import { commandShell } from './command-shell.ts';
import { followForeground, foregroundLabels } from './foreground.ts';
import type { Invocation, TerminalContext } from './terminal-context.types.ts';
import { waitForExit } from './terminal-exit.ts';
import { statusInWords } from './terminal-info.ts';
import { prepareWait, waited, waitInCall, waitInWords } from './wait-in-call.ts';
import type { PreparedWait } from './wait-in-call.ts';

type OpenCall = Extract<TerminalCall, { action: 'open' }>;

/** A command that cannot start ends within this time; the answer to a background `open` waits for it (T13). */
const startFailureMs = 120;
/** Of the time that it took to open the terminal: on a busy machine its shell is slow as well. */
const openingsWaited = 4;
const maxStartFailureMs = 2000;
/** By which shells say that they could not execute a command. */
const notStartedCodes = new Set([126, 127]);
const shownLines = 20;

export const openTerminal = async (
  context: TerminalContext,
  invocation: Invocation,
  call: OpenCall,
): Promise<ToolResult> => {
  const prepared = prepareWait(call.wait_for, call.timeout);
  const before = openedBySameCall(context, invocation);
  const { record, tookMs } =
    before === undefined ? await start(context, invocation, call) : { record: before, tookMs: 0 };
  if (!record.background) {
    if (call.wait_for !== undefined)
      invocation.warnings.push('wait_for has no effect with background false: the call waits for the end anyway.');
    return followForeground(context, invocation, record);
  }
  if (call.timeout !== undefined && prepared === undefined)
    invocation.warnings.push('timeout has no effect with background true and without wait_for.');
  return prepared === undefined
    ? opened(context, record, tookMs)
    : openedAndWaited(context, invocation, { record, prepared });
};

/** A repeat of a call that had opened its terminal before the hub was restarted. */
export const openedBySameCall = ({ names }: TerminalContext, { request }: Invocation): TerminalRecord | undefined =>
  names.ofSession(request.sessionId).find(({ labels }) => labels[foregroundLabels.callId] === request.callId);

const start = async (
  context: TerminalContext,
  { request, warnings }: Invocation,
  call: OpenCall,
): Promise<{ record: TerminalRecord; tookMs: number }> => {
  const { sessionId, origin, callId, userId } = request;
  // Taken before anything is awaited, given back on every failure; the record takes over from it.
  using _reservation = context.names.reserve({ sessionId, name: call.terminal_name });
  const environment = await context.environment();
  warnings.push(...environment.warnings);
  const workingDirectory = await resolveWorkingDirectory({ requested: call.working_dir, home: environment.home });
  context.guard.allowCommand(request, { text: call.command, workingDirectory });
  const [file, ...args] = commandShell(environment.variables, call.command);
  const variables = { ...environment.variables };
  const program = await context.guard.confine({ file, args, workingDirectory, environment: variables }, request);
  const timeoutMs = String((call.timeout ?? timeoutSeconds.default) * 1000);
  const startedAt = performance.now();
  const record = await context.hosts.open({
    terminalId: newId('terminal'),
    sessionId,
    name: call.terminal_name,
    description: call.description,
    command: call.command,
    ...program,
    ...defaultTerminalSize,
    background: call.background === true,
    keepAlive: call.keep_alive === true,
    labels: { [foregroundLabels.callId]: callId, [foregroundLabels.timeoutMs]: timeoutMs, user_id: userId, origin },
  });
  const tookMs = performance.now() - startedAt;
  context.emit({ type: 'terminal.opened', terminal: context.info(record) });
  return { record, tookMs };
};

const factsOf = (context: TerminalContext, { terminalId, name, pid }: TerminalRecord): ToolMetadata => ({
  terminal_id: terminalId,
  terminal_name: name,
  pid,
  node_id: context.nodeId,
});

const opened = async (context: TerminalContext, record: TerminalRecord, tookMs: number): Promise<ToolResult> => {
  const timeoutMs = Math.min(Math.max(startFailureMs, openingsWaited * tookMs), maxStartFailureMs);
  const exit = await waitForExit(context.hosts, { terminalId: record.terminalId, timeoutMs });
  if (couldNotStart(exit)) return notStarted(context, record);
  const facts = factsOf(context, record);
  const text = `Terminal '${record.name}' is open on node ${context.nodeId}, pid ${record.pid}.`;
  if (exit === null) return succeeded(text, facts);
  const status = statusInWords(context.info(context.hosts.get(record.terminalId) ?? { ...record, exit }));
  return succeeded(`${text} Its program has already ended: ${status}.`, {
    ...facts,
    exit_code: exit.exitCode,
    signal: exit.signal,
  });
};

const openedAndWaited = async (
  context: TerminalContext,
  invocation: Invocation,
  { record, prepared }: { record: TerminalRecord; prepared: PreparedWait },
): Promise<ToolResult> => {
  const outcome = await waitInCall(context, invocation, { record, prepared, from: 0 });
  if (outcome.matched === null && couldNotStart(outcome.exit)) return notStarted(context, record);
  const lines = await context.hosts.lastLines(record.terminalId, shownLines).catch(() => []);
  const text = `Terminal '${record.name}' is open on node ${context.nodeId}, pid ${record.pid}.`;
  const metadata = { ...factsOf(context, record), next_offset: context.hosts.get(record.terminalId)?.endOffset ?? 0 };
  return waited(outcome, [text, waitInWords(outcome), ...lines].join('\n'), metadata);
};

const couldNotStart = (exit: ExitState | null): boolean => exit !== null && notStartedCodes.has(exit.exitCode ?? 0);

/** Its name and place are free again. */
const notStarted = async (context: TerminalContext, record: TerminalRecord): Promise<ToolResult> => {
  const lines = await context.hosts.lastLines(record.terminalId, shownLines).catch(() => []);
  await context.closings.close(context.hosts.get(record.terminalId) ?? record, 'the command could not be started');
  const output = lines.join('\n');
  return failed('SPAWN_FAILED', { message: 'The command could not be started; the terminal is closed.', output });
};
