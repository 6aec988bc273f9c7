/** `run/node.json`: how `navisai node status`, `leave` and `logs` find the running node, and what it last said of itself. */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { readJsonIfThere, writePrivateFile } from '@navisai/service';

const runningNodeSchema = z.object({
  pid: z.number().int().min(1),
  /** As the kernel tells it, so that a reused PID is never taken for the node; only ever compared. */
  pidStartTime: z.string().nullable(),
  version: z.string(),
  startedAt: z.string(),
  nodeId: z.string(),
  name: z.string().nullable(),
  hubUrl: z.string(),
  hubId: z.string(),
  state: z.enum(['connecting', 'connected', 'reconnecting']),
  /** Of the state. */
  since: z.string(),
  /** Why it is not connected. */
  reason: z.string().nullable(),
  epoch: z.number().int().nullable(),
  logFile: z.string(),
});
export type RunningFacts = z.infer<typeof runningNodeSchema>;

export interface RunningFile extends Disposable {
  update(change: Partial<RunningFacts>): void;
}

/** Tells it until disposed; a full disk is no reason to fail. */
export const tellThatItRuns = (
  path: string,
  facts: Omit<RunningFacts, 'pid' | 'pidStartTime'>,
  onProblem: (error: unknown) => void,
): RunningFile => {
  let told: RunningFacts = { pid: process.pid, pidStartTime: startTimeOf('self') ?? null, ...facts };
  const write = (): void => {
    try {
      writePrivateFile(path, `${JSON.stringify(told, null, 2)}\n`);
    } catch (error) {
      onProblem(error);
    }
  };
  write();
  return {
    update(change) {
      told = { ...told, ...change };
      write();
    },
    [Symbol.dispose]() {
      if (findRunningNode(path)?.pid === process.pid) rmSync(path, { force: true });
    },
  };
};

/** `undefined` when no node runs here; what a killed one left is not believed. */
export const findRunningNode = (path: string): RunningFacts | undefined => {
  const told = runningNodeSchema.safeParse(readJsonIfThere(path)).data;
  return told !== undefined && isAlive(told) ? told : undefined;
};

/** Whether its very process lives: it removes its file a little before it lets go of the rest. */
export const isAlive = ({ pid, pidStartTime }: Pick<RunningFacts, 'pid' | 'pidStartTime'>): boolean => {
  const startTime = startTimeOf(pid);
  return startTime !== undefined && startTime === pidStartTime;
};

const psDeadlineMs = 5000;

/** `undefined` when there is no such process. */
const startTimeOf = (pid: number | 'self'): string | undefined => {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' ? undefined : fields[19];
    }
    const env = { LC_ALL: 'C', PATH: '/usr/bin:/bin' };
    const args = ['-o', 'lstart=', '-p', String(pid === 'self' ? process.pid : pid)];
    return execFileSync('ps', args, { timeout: psDeadlineMs, env, encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
};
