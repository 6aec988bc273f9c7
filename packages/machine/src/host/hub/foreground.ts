/** What runs in the foreground of a terminal, told by its leader's controlling terminal. */
import { HostError } from '../host-error.ts';
import type { ListedProcess, ProcessReference, ProcessTable } from '../../process-table.types.ts';

export interface Foreground {
  processGroup: number;
  program: string;
  cwd: string | null;
  isShell: boolean;
}

const shells = new Set(['bash', 'zsh', 'fish', 'sh', 'dash', 'ash', 'ksh', 'mksh']);

/** Rejects with TERMINAL_EXITED. */
export const foregroundOf = async (leader: ProcessReference, table: ProcessTable): Promise<Foreground> => {
  const info = await table.info(leader.pid);
  const isGone = info === null || info.isDead || info.startTime !== leader.startTime;
  if (isGone) throw new HostError('TERMINAL_EXITED', 'The program in this terminal has ended.');
  const processGroup = info.foregroundGroup > 0 ? info.foregroundGroup : info.processGroup;
  const front = await groupLeader(processGroup, table);
  const program = (await table.program(front)) ?? '';
  return { processGroup, program, cwd: await table.cwd(front), isShell: shells.has(program) };
};

/** The group's leader may have ended before the others of a pipeline. */
const groupLeader = async (processGroup: number, table: ProcessTable): Promise<number> => {
  const leader = await table.info(processGroup);
  if (leader !== null && !leader.isDead) return processGroup;
  const members = (await table.list()).filter((one: ListedProcess) => one.processGroup === processGroup && !one.isDead);
  return members.at(-1)?.pid ?? processGroup;
};
