/** The action `list` (T20). */
import type { TerminalInfo, ToolResult } from '@navisai/protocol';
import { shortForDisplay } from '../../plain-text/escape-for-display.ts';
import { succeeded } from './call-result.ts';
import type { Invocation, TerminalContext } from './terminal-context.types.ts';
import { durationInWords, statusInWords } from './terminal-info.ts';

const maxShownCommand = 200;

export const listTerminals = (context: TerminalContext, { request }: Invocation): ToolResult => {
  const terminals = context.names
    .ofSession(request.sessionId)
    .toSorted((a, b) => a.startedAt.localeCompare(b.startedAt))
    .map((record) => context.info(record));
  const output =
    terminals.length === 0 ? 'No terminals are open in this session.' : terminals.map(describe).join('\n\n');
  return succeeded(output, { terminals });
};

const describe = (terminal: TerminalInfo): string =>
  [
    `${terminal.name}: ${shortForDisplay(terminal.description, maxShownCommand)}`,
    `  command: ${shortForDisplay(terminal.command, maxShownCommand)}`,
    `  status: ${statusInWords(terminal)}, pid ${terminal.pid}, node ${terminal.nodeId}${terminal.background ? '' : ', foreground'}`,
    `  uptime: ${durationInWords(terminal.uptime)}, last activity: ${terminal.lastActivityAt}`,
  ].join('\n');
