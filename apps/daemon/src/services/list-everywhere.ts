/** The action `list` of the tool `terminal` over all nodes of a session (T20, N5). */
import { shortForDisplay } from '@navisai/machine';
import type { TerminalInfo, ToolResult } from '@navisai/protocol';

const maxShown = 200;

/** Adds terminals of other nodes to what `main` answers. */
export const withRemoteTerminals = (
  own: ToolResult,
  { remote, nameOf }: { remote: readonly TerminalInfo[]; nameOf(nodeId: string): string },
): ToolResult => {
  if (!own.success || remote.length === 0) return own;
  const terminals = Array.isArray(own.metadata['terminals']) ? (own.metadata['terminals'] as TerminalInfo[]) : [];
  const shown = remote.map((terminal) => describe(terminal, nameOf(terminal.nodeId)));
  return {
    ...own,
    output: [...(terminals.length === 0 ? [] : [own.output]), ...shown].join('\n\n'),
    metadata: { ...own.metadata, terminals: [...terminals, ...remote] },
  };
};

const describe = (terminal: TerminalInfo, node: string): string =>
  [
    `${terminal.name}: ${shortForDisplay(terminal.description, maxShown)}`,
    `  command: ${shortForDisplay(terminal.command, maxShown)}`,
    `  status: ${statusOf(terminal)}, pid ${terminal.pid}, node ${node}${terminal.background ? '' : ', foreground'}`,
    `  uptime: ${Math.round(terminal.uptime)} s, last activity: ${terminal.lastActivityAt}`,
  ].join('\n');

const statusOf = ({ status, exitCode, signal, reachable }: TerminalInfo): string => {
  const end = exitCode === null ? (signal ?? 'lost') : `exit code ${exitCode}`;
  const known = status === 'busy' ? 'busy' : `idle (${end})`;
  return reachable === false ? `${known} when its node was last connected` : known;
};
