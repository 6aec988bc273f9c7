/** Processes of Linux, read from `/proc`. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import type { ListedProcess, ProcessInfo, ProcessTable } from './process-table.types.ts';

/** USER_HZ, the unit of times in `/proc`; 100 on every platform that Node.js supports. */
const ticksPerSecond = 100;
/** Files of `/proc` are read synchronously (15 µs each); the event loop runs between slices of this many processes. */
const processesPerSlice = 64;

export const createLinuxProcessTable = (procRoot = '/proc'): ProcessTable => ({
  async list(markers = []) {
    const wanted = new Set(typeof markers === 'string' ? [markers] : markers);
    const found: ListedProcess[] = [];
    const pids = readdirSync(procRoot).filter((name) => /^\d+$/.test(name));
    for (const [index, pid] of pids.entries()) {
      if (index % processesPerSlice === processesPerSlice - 1) await setImmediate();
      const info = readInfo(procRoot, pid);
      if (info === null) continue;
      found.push({ ...info, carriesMarker: wanted.size > 0 && hasMarker({ procRoot, pid, wanted }) });
    }
    return found;
  },
  info: async (pid) => readInfo(procRoot, String(pid)),
  cwd: async (pid) => attempt(() => readlinkSync(`${procRoot}/${pid}/cwd`)),
  program: async (pid) => attempt(() => readFileSync(`${procRoot}/${pid}/comm`, 'utf8').trimEnd()),
  ignoresTermination: async ({ pid }) => {
    const status = attempt(() => readFileSync(`${procRoot}/${pid}/status`, 'utf8'));
    const ignored = /^SigIgn:\s*([0-9a-f]+)$/m.exec(status ?? '')?.[1];
    return ignored !== undefined && ((BigInt(`0x${ignored}`) >> BigInt(constants.signals.SIGTERM - 1)) & 1n) === 1n;
  },
});

const readInfo = (procRoot: string, pid: string): ProcessInfo | null => {
  const stat = attempt(() => readFileSync(`${procRoot}/${pid}/stat`, 'utf8'));
  return stat === null ? null : parseStat(stat);
};

/** Parses `/proc/PID/stat`; the program's name in it may hold spaces, parentheses and newlines. */
export const parseStat = (stat: string): ProcessInfo | null => {
  const nameEnd = stat.lastIndexOf(')');
  const pid = Number.parseInt(stat, 10);
  const fields = stat.slice(nameEnd + 2).split(' ');
  const startTime = fields[19];
  if (nameEnd < 0 || Number.isNaN(pid) || startTime === undefined) return null;
  const number = (index: number): number => Number(fields[index]);
  return {
    pid,
    startTime,
    parentPid: number(1),
    processGroup: number(2),
    session: number(3),
    hasTerminal: number(4) !== 0,
    foregroundGroup: number(5),
    isDead: fields[0] === 'Z' || fields[0] === 'X',
    cpuMs: ((number(11) + number(12) + number(13) + number(14)) * 1000) / ticksPerSecond,
  };
};

interface MarkerSearch {
  procRoot: string;
  pid: string;
  wanted: ReadonlySet<string>;
}

const hasMarker = ({ procRoot, pid, wanted }: MarkerSearch): boolean => {
  const environment = attempt(() => readFileSync(`${procRoot}/${pid}/environ`, 'utf8'));
  return environment?.split('\0').some((entry) => wanted.has(entry)) ?? false;
};

const attempt = <Value>(read: () => Value): Value | null => {
  try {
    return read();
  } catch {
    return null;
  }
};
