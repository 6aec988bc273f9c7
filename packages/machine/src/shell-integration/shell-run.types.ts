/** A command for a shell in an open terminal, and what became of it. */
import type { ProcessTable } from '../process-table.types.ts';
import type { PtyHosts } from '../pty-hosts.types.ts';
import type { ScriptFolder } from './script-folder.ts';

export interface RunInShellRequest {
  hosts: PtyHosts;
  table: ProcessTable;
  scripts: ScriptFolder;
  terminalId: string;
  command: string;
  timeoutMs: number;
  /** Somebody has typed a part of a line: it is dropped, as by Ctrl-C. */
  isLineDirty: boolean;
  /** Somebody has sent an interrupt since the command began. */
  isInterrupted: () => boolean;
  signal?: AbortSignal | undefined;
}

export interface ShellRunOutcome {
  end:
    | { kind: 'ended'; exitCode: number | null; signal: string | null }
    /** The host of the terminal, or the machine, ended first. */
    | { kind: 'lost'; reason: string }
    /** Only the job in the foreground was ended; `isStillBusy` when not even KILL brought the prompt back. */
    | { kind: 'timeout' | 'cancelled'; isStillBusy: boolean };
  shellEnded: boolean;
  /** The shell put another one in its place (`exec`). */
  shellReplaced: boolean;
  /** The command's own output in the terminal's bytes. */
  range: { from: number; to: number };
  /** The range ends with an unfinished line that is a prompt's. */
  endsWithPrompt: boolean;
  /** Where the command stood; shells name it in messages. */
  scriptPath: string;
}
