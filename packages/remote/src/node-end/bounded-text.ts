/** Text of this machine, made to fit the bounds of the frames. */
import { maxCommandBytes, maxPathLength } from '@navisai/protocol';
import type { NodeEvent, TerminalInfo } from '@navisai/protocol';
import type { MachineEvent } from '@navisai/machine';

export const cut = (text: string, maxLength: number): string =>
  text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text;

export const boundedTerminal = (terminal: TerminalInfo): TerminalInfo & { controller: null } => ({
  ...terminal,
  name: cut(terminal.name, 64),
  description: cut(terminal.description, 1000),
  command: cut(terminal.command, maxCommandBytes),
  workingDirectory: terminal.workingDirectory === undefined ? undefined : cut(terminal.workingDirectory, maxPathLength),
  title: cut(terminal.title, 1000),
  reason: terminal.reason === null ? null : cut(terminal.reason, 1000),
  controller: null,
});

export const boundedEvent = (event: MachineEvent): NodeEvent => {
  switch (event.type) {
    case 'tool_started': {
      const { tool, summary } = event.data;
      return { ...event, data: { ...event.data, tool: cut(tool, 64), summary: cut(summary, 500) } };
    }
    case 'tool_call':
      return { ...event, data: { ...event.data, tool: cut(event.data.tool, 64) } };
    case 'terminal.opened':
    case 'terminal.exited':
      return { ...event, terminal: boundedTerminal(event.terminal) };
    case 'terminal.updated': {
      const reason = event.reason === undefined ? undefined : cut(event.reason, 1000);
      return { ...event, terminal: boundedTerminal(event.terminal), reason };
    }
    case 'terminal.closed':
    case 'terminal.idle_warning':
      return { ...event, terminal: boundedTerminal(event.terminal), reason: cut(event.reason, 1000) };
  }
};
