/** Terminals as a table. */
import type { NodeInfo, TerminalInfo } from '@navisai/protocol';
import { formatDuration } from './duration.ts';
import type { Output } from './output.ts';

export interface TerminalTableOptions {
  terminals: readonly TerminalInfo[];
  /** For their names; a node that is not among them is shown by its id. */
  nodes: readonly Pick<NodeInfo, 'id' | 'name'>[];
  isWithSession?: boolean;
}

export const terminalTable = (options: TerminalTableOptions, output: Output): string[] => {
  const { terminals, nodes, isWithSession = false } = options;
  const names = new Map(nodes.map(({ id, name }) => [id, name]));
  return output.table(
    [...(isWithSession ? ['SESSION'] : []), 'NAME', 'NODE', 'STATUS', 'PID', 'UP', 'DESCRIPTION', 'COMMAND'],
    terminals.map((terminal) => [
      ...(isWithSession ? [terminal.sessionId] : []),
      terminal.name,
      names.get(terminal.nodeId) ?? terminal.nodeId,
      statusText(terminal),
      String(terminal.pid),
      formatDuration(terminal.uptime * 1000),
      terminal.description,
      terminal.command,
    ]),
  );
};

/** `busy`, or `idle` with how the program ended; of a node that is away, what was known last. */
const statusText = (terminal: TerminalInfo): string =>
  terminal.reachable === false ? `unreachable (was ${knownStatus(terminal)})` : knownStatus(terminal);

const knownStatus = ({ status, exitCode, signal, reason }: TerminalInfo): string => {
  if (status === 'busy') return 'busy';
  return `idle (${reason ?? signal ?? `exit ${exitCode ?? '?'}`})`;
};
