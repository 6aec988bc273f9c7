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
  forget(terminalId: string): void;
}

/** Enter, Ctrl-C, Ctrl-D and Ctrl-U leave an empty line behind. */
const lineEnds = new Set([0x0d, 0x0a, 0x03, 0x04, 0x15]);

export const createOpenShells = (parts: {
  hosts: PtyHosts;
  table: ProcessTable;
  scripts: ScriptFolder;
}): OpenShells => {
  /** Both hold ids of open terminals only. */
  const running = new Set<string>();
  const dirtyLines = new Set<string>();

  return {
    async run(request) {
      const { terminalId } = request;
      if (running.has(terminalId)) throw new NavisError('TERMINAL_BUSY');
      running.add(terminalId);
      try {
        const outcome = await runInShell({ ...parts, ...request, isLineDirty: dirtyLines.has(terminalId) });
        dirtyLines.delete(terminalId);
        return outcome;
      } finally {
        running.delete(terminalId);
      }
    },
    noteInput(terminalId, bytes) {
      const last = bytes.at(-1);
      if (last === undefined) return;
      if (lineEnds.has(last)) dirtyLines.delete(terminalId);
      else dirtyLines.add(terminalId);
    },
    forget(terminalId) {
      dirtyLines.delete(terminalId);
    },
  };
};
