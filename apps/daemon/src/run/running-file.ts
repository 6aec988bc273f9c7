/** `run/daemon.json`: how every command of this machine finds the running hub (I5). */
import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { readJsonIfThere, writePrivateFile } from '@navisai/service';
import type { Foundation } from './foundation.ts';

interface RunningHubFacts {
  pid: number;
  /** As the kernel tells it, so that a reused PID is never taken for the hub; only ever compared. */
  pidStartTime: string | undefined;
  port: number;
  /** Where the bridge finds the hub (I4). */
  bridgePort: number | undefined;
  version: string;
  startedAt: string;
  origin: string;
  /** For whoever started it: what the person should know. */
  remarks: readonly string[];
}

interface Whereabouts {
  foundation: Foundation;
  version: string;
  origin: string;
  port: number;
  bridgePort: number | undefined;
  remarks: readonly string[];
}

/** Tells it until disposed. */
export const tellWhereItRuns = ({
  foundation,
  version,
  origin,
  port,
  bridgePort,
  remarks,
}: Whereabouts): Disposable => {
  const { home, logs, startedAtMs } = foundation;
  const startedAt = new Date(startedAtMs).toISOString();
  try {
    writeRunningFile(home.runningFile, { port, bridgePort, version, startedAt, origin, remarks });
  } catch (error) {
    // A full disk: the hub can be found on its usual port only.
    logs.log.error({ err: error }, 'the file that tells where the hub runs could not be written');
  }
  logs.log.info({ port, version, pid: process.pid }, 'the hub is up');
  return { [Symbol.dispose]: () => removeRunningFile(home.runningFile) };
};

const writeRunningFile = (path: string, facts: Omit<RunningHubFacts, 'pid' | 'pidStartTime'>): void => {
  const content = `${JSON.stringify({ pid: process.pid, pidStartTime: ownStartTime(), ...facts }, null, 2)}\n`;
  try {
    writePrivateFile(path, content);
  } catch {
    writeOver(path, content);
  }
};

/** A full disk takes no new file, but what a killed hub left can be written over. */
const writeOver = (path: string, content: string): void => {
  const file = openSync(path, 'r+');
  try {
    writeSync(file, content, 0);
    ftruncateSync(file, Buffer.byteLength(content));
  } finally {
    closeSync(file);
  }
};

/** Only when it is still about this process. */
const removeRunningFile = (path: string): void => {
  const told = readJsonIfThere(path);
  if (typeof told === 'object' && told !== null && 'pid' in told && told.pid === process.pid)
    rmSync(path, { force: true });
};

const psDeadlineMs = 5000;

const ownStartTime = (): string | undefined => {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync('/proc/self/stat', 'utf8');
      return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    }
    const env = { LC_ALL: 'C', PATH: '/usr/bin:/bin' };
    const args = ['-o', 'lstart=', '-p', String(process.pid)];
    return execFileSync('ps', args, { timeout: psDeadlineMs, env, encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
};
