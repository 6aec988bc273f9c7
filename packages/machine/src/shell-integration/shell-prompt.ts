/** Finds the shell that waits at its prompt in a terminal, if one does (T24). */
import type { ListedProcess, ProcessReference, ProcessTable } from '../process-table.types.ts';
import { argumentsOf, isLineEditing, readsFromTerminal, shellKindOf } from './shell-process.ts';
import type { ShellKind } from './shell-scripts.ts';

export interface Shell extends ProcessReference {
  kind: ShellKind;
}

export type ShellState =
  | { state: 'prompt'; shell: Shell }
  /** A shell has the terminal but does something: a builtin, its start-up files, or a prompt that takes its time. */
  | { state: 'working'; shell: Shell }
  /** A shell waits for the program in the foreground. */
  | { state: 'busy' }
  | { state: 'notAShell' };

/** `terminalPid` is the process that the terminal was opened with. */
export const inspectShell = async (terminalPid: number, table: ProcessTable): Promise<ShellState> => {
  const processes = await table.list();
  const byPid = new Map(processes.map((listed) => [listed.pid, listed]));
  const root = byPid.get(terminalPid);
  const leader = root === undefined ? undefined : byPid.get(root.foregroundGroup);
  if (root === undefined || leader === undefined || leader.isDead) return { state: 'notAShell' };
  const shell = await promptingShell(leader, table);
  if (shell !== null)
    return (await isIdle(shell, processes)) ? { state: 'prompt', shell } : { state: 'working', shell };
  for (let ancestor = byPid.get(leader.parentPid); ancestor !== undefined; ancestor = byPid.get(ancestor.parentPid)) {
    if ((await promptingShell(ancestor, table)) !== null) return { state: 'busy' };
    if (ancestor.pid === root.pid) break;
  }
  return { state: 'notAShell' };
};

const promptingShell = async (process: ListedProcess, table: ProcessTable): Promise<Shell | null> => {
  const kind = shellKindOf(await table.program(process.pid));
  if (kind === null || !readsFromTerminal(await argumentsOf(process.pid))) return null;
  return { kind, pid: process.pid, startTime: process.startTime };
};

const isIdle = async (shell: Shell, processes: ListedProcess[]): Promise<boolean> => {
  const isEditing = await isLineEditing(shell.pid);
  // `sh` may have no line editor: at its prompt it looks as when it works alone.
  if (isEditing === true || (isEditing === false && shell.kind !== 'sh')) return isEditing;
  return !processes.some(({ pid, processGroup, isDead }) => processGroup === shell.pid && pid !== shell.pid && !isDead);
};
