/** Commands inside open shells: one at a time per terminal, and whether somebody has begun to type a line there (T24). */
import { NavisError } from '@navisai/protocol';
import type { ProcessTable } from '../process-table.types.ts';
import type { PtyHosts } from '../pty-hosts.types.ts';
import { runInShell } from './run-in-shell.ts';
import type { ScriptFolder } from './script-folder.ts';
import type { RunInShellRequest, ShellRunOutcome } from './shell-run.types.ts';

export type OpenShellRun = Pick<RunInShellRequest, 'terminalId' | 'command' | 'timeoutMs' | 'signal'>;

export interface OpenShells {
  /** Rejects with TERMINAL_BUSY, NOT_A_SHELL or TERMINAL_EXITED when the command was not started. */
  run(request: OpenShellRun): Promise<ShellRunOutcome>;
  /** To be told of everything that is typed into a terminal. */
  noteInput(terminalId: string, bytes: Uint8Array): void;
  /** To be told of signals to the command in a terminal. */
  noteInterrupt(terminalId: string): void;
  /** A terminal of before this program's start: nobody knows what was typed into it. */
  adopt(terminalId: string): void;
  forget(terminalId: string): void;
}

const interrupt = 0x03;
/** Enter, Ctrl-C, Ctrl-D and Ctrl-U leave an empty line behind. */
const lineEnds = new Set([0x0d, 0x0a, interrupt, 0x04, 0x15]);

/** What a viewer's terminal says by itself: answers to queries, focus, mouse. */
const reports = /^(?:\x1b\[[?>]?[\d;]*[cRnyt]|\x1b\[[IO]|\x1b\[<[\d;]+[Mm]|\x1b[\]P][^\x07\x1b]*(?:\x07|\x1b\\))+$/;
const maxReportBytes = 1024;
const isReport = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x1b && bytes.length <= maxReportBytes && reports.test(Buffer.from(bytes).toString('latin1'));

export const createOpenShells = (parts: {
  hosts: PtyHosts;
  table: ProcessTable;
  scripts: ScriptFolder;
}): OpenShells => {
  /** Both hold ids of open terminals only. */
  const running = new Map<string, { isInterrupted: boolean }>();
  const dirtyLines = new Set<string>();

  return {
    async run(request) {
      const { terminalId } = request;
      if (running.has(terminalId)) throw new NavisError('TERMINAL_BUSY');
      const state = { isInterrupted: false };
      running.set(terminalId, state);
      try {
        const isInterrupted = (): boolean => state.isInterrupted;
        const isLineDirty = dirtyLines.has(terminalId);
        const outcome = await runInShell({ ...parts, ...request, isLineDirty, isInterrupted });
        dirtyLines.delete(terminalId);
        return outcome;
      } finally {
        running.delete(terminalId);
      }
    },
    noteInterrupt(terminalId) {
      const state = running.get(terminalId);
      if (state !== undefined) state.isInterrupted = true;
    },
    noteInput(terminalId, bytes) {
      const last = bytes.at(-1);
      if (isReport(bytes)) return;
      if (bytes.includes(interrupt)) this.noteInterrupt(terminalId);
      if (last === undefined) return;
      if (lineEnds.has(last)) dirtyLines.delete(terminalId);
      else dirtyLines.add(terminalId);
    },
    adopt(terminalId) {
      dirtyLines.add(terminalId);
    },
    forget(terminalId) {
      dirtyLines.delete(terminalId);
    },
  };
};
