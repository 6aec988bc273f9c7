/** Tells one process from a later one of the same PID, and signals only the one that is meant. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

export interface ProcessIdentity {
  pid: number;
  /** `undefined` when whoever told the PID did not tell more: then only its being alive can be checked. */
  startTime: string | undefined;
}

const psDeadlineMs = 5_000;
const pollMs = 20;

/** Start time as the kernel tells it; only ever compared. `undefined` when there is no such (living) process. */
export const processStartTime = async (pid: number): Promise<string | undefined> => {
  if (process.platform === 'linux') {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields === undefined || fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  }
  const options = { timeout: psDeadlineMs, env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' } };
  const ps = promisify(execFile)('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], options);
  const line = (await ps.catch(() => ({ stdout: '' }))).stdout.trim();
  return line === '' || line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '');
};

export const isAlive = async ({ pid, startTime }: ProcessIdentity): Promise<boolean> => {
  const present = await processStartTime(pid);
  return present !== undefined && (startTime === undefined || present === startTime);
};

/** Whether it is gone before the deadline. */
export const waitUntilGone = async (process: ProcessIdentity, deadlineMs: number): Promise<boolean> => {
  const end = performance.now() + deadlineMs;
  while (await isAlive(process)) {
    if (performance.now() > end) return false;
    await delay(pollMs);
  }
  return true;
};

/** Signals this very process; false when it is gone or may not be signalled. */
export const signalProcess = async (target: ProcessIdentity, signal: NodeJS.Signals): Promise<boolean> => {
  if (!(await isAlive(target))) return false;
  try {
    return process.kill(target.pid, signal);
  } catch {
    return false;
  }
};
