/** The hub as a real process: started as it is published, told where it lives, ended gently or not. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { programFile } from './programs.ts';
import { until } from './until.ts';

export interface HubProcess {
  readonly pid: number;
  readonly port: number;
  readonly isRunning: boolean;
  /** What it wrote to its terminal; at most the last 64 KiB. */
  readonly printed: string;
  signal(signal: NodeJS.Signals): void;
  /** Resolves when the process is gone. Rejects after `deadlineMs`. */
  gone(deadlineMs?: number): Promise<void>;
}

/** Longer than what the hub allows itself: on a busy machine tests wait for what the hub says of it. */
const startDeadlineMs = 60_000;
const goneDeadlineMs = 30_000;
const maxPrinted = 64 * 1024;

/** Resolves when it has written `run/daemon.json`. */
export const startHubProcess = async (options: {
  home: string;
  environment: Record<string, string>;
  port: number;
  flags?: string[];
}): Promise<HubProcess> => {
  const flags = [`--home=${options.home}`, `--port=${options.port}`, ...(options.flags ?? [])];
  const child = spawn(process.execPath, [programFile('daemon'), ...flags], {
    env: options.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = keepPrinted(child);
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  const port = await waitForPort({ child, home: options.home, printed, isRunning });
  return {
    pid: child.pid ?? 0,
    port,
    get isRunning() {
      return isRunning();
    },
    get printed() {
      return printed();
    },
    signal: (signal) => child.kill(signal),
    gone: async (deadlineMs = goneDeadlineMs) => {
      await until(
        () => `the hub did not end:\n${printed()}`,
        () => !isRunning(),
        deadlineMs,
      );
    },
  };
};

/** A hub that does not come up is ended. */
const waitForPort = async (start: {
  child: ChildProcess;
  home: string;
  printed: () => string;
  isRunning: () => boolean;
}): Promise<number> => {
  const { child, printed } = start;
  const look = (): Promise<number | undefined> => {
    if (!start.isRunning()) throw new Error(`the hub ended at its start (${child.exitCode}):\n${printed()}`);
    return readPort(start.home, child.pid ?? 0);
  };
  try {
    return await until(() => `the hub did not start:\n${printed()}`, look, startDeadlineMs);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
};

const keepPrinted = (child: ChildProcess): (() => string) => {
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => (text = (text + chunk).slice(-maxPrinted)));
  return () => text;
};

/** Only what this very process wrote counts: a file of the hub before may still lie there. */
const readPort = async (home: string, pid: number): Promise<number | undefined> => {
  try {
    const told = JSON.parse(await readFile(join(home, 'run', 'daemon.json'), 'utf8')) as { pid: number; port: number };
    return told.pid === pid ? told.port : undefined;
  } catch {
    return undefined;
  }
};
