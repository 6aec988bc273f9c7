/** Terminals as a table. */
import type { TerminalInfo } from '@navisai/protocol';
import { formatDuration } from './duration.ts';
import type { Output } from './output.ts';

export const terminalTable = (terminals: readonly TerminalInfo[], output: Output, isWithSession = false): string[] =>
  output.table(
    [...(isWithSession ? ['SESSION'] : []), 'NAME', 'STATUS', 'PID', 'UP', 'DESCRIPTION', 'COMMAND'],
    terminals.map((terminal) => [
      ...(isWithSession ? [terminal.sessionId] : []),
      terminal.name,
      statusText(terminal),
      String(terminal.pid),
      formatDuration(terminal.uptime * 1000),
      terminal.description,
      terminal.command,
    ]),
  );

/** `busy`, or `idle` with how the program ended. */
const statusText = ({ status, exitCode, signal, reason }: TerminalInfo): string => {
  if (status === 'busy') return 'busy';
  return `idle (${reason ?? signal ?? `exit ${exitCode ?? '?'}`})`;
};
