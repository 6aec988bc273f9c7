/** Processes of macOS, read from `ps` and `lsof`; sessions are not told there, so trees follow parents and markers. */
import { execFile } from 'node:child_process';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import type { ListedProcess, ProcessInfo, ProcessTable } from './process-table.types.ts';

const run = promisify(execFile);
const deadlineMs = 5000;
const maxOutputBytes = 64 * 1024 * 1024;
/** `lstart` is five words (`Thu Nov 20 07:54:01 2025`). */
const columns = 'pid=,ppid=,pgid=,tpgid=,tty=,stat=,time=,lstart=';

export const createDarwinProcessTable = (): ProcessTable => ({
  async list(markers = []) {
    const wanted = typeof markers === 'string' ? [markers] : markers;
    const [facts, environments] = await Promise.all([
      output('ps', ['-axo', columns]),
      wanted.length === 0 ? '' : output('ps', ['-axEww', '-o', 'pid=,command=']),
    ]);
    const marked = new Set(wanted.flatMap((marker) => pidsWithMarker(environments, marker)));
    return parseProcessList(facts).map((info): ListedProcess => ({ ...info, carriesMarker: marked.has(info.pid) }));
  },
  info: async (pid) => parseProcessList(await output('ps', ['-o', columns, '-p', String(pid)]))[0] ?? null,
  cwd: async (pid) => /^n(.*)$/m.exec(await output('lsof', ['-a', '-p', String(pid), '-d', 'cwd', '-Fn']))?.[1] ?? null,
  program: async (pid) => {
    const name = (await output('ps', ['-o', 'comm=', '-p', String(pid)])).trim();
    return name === '' ? null : basename(name).replace(/^-/, '');
  },
  /** Not told: a process group's leader on a terminal may be a shell, and a hangup is what closing its window means. */
  ignoresTermination: async (process) => process.hasTerminal && process.pid === process.processGroup,
});

const output = async (program: string, args: string[]): Promise<string> => {
  try {
    const environment = { LC_ALL: 'C', PATH: '/usr/bin:/bin:/usr/sbin:/sbin' };
    const options = { timeout: deadlineMs, maxBuffer: maxOutputBytes, env: environment };
    return (await run(program, args, options)).stdout;
  } catch {
    return '';
  }
};

const linePattern = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(-?\d+)\s+(\S+)\s+(\S+)\s+([\d:.-]+)\s+(\S.*\S)\s*$/;

export const parseProcessList = (text: string): ProcessInfo[] =>
  text.split('\n').flatMap((line): ProcessInfo[] => {
    const match = linePattern.exec(line);
    if (match === null) return [];
    const [, pid, parentPid, processGroup, foregroundGroup, tty, state = '', time = '', startTime = ''] = match;
    const hasTerminal = tty !== '??' && tty !== '-';
    return [
      {
        pid: Number(pid),
        startTime,
        parentPid: Number(parentPid),
        processGroup: Number(processGroup),
        session: 0,
        foregroundGroup: hasTerminal ? Number(foregroundGroup) : -1,
        hasTerminal,
        isDead: state.startsWith('Z'),
        cpuMs: parseCpuTime(time),
      },
    ];
  });

/** `[[days-]hours:]minutes:seconds[.hundredths]` */
const parseCpuTime = (time: string): number => {
  const [clock = '', days = '0'] = time.split('-').toReversed();
  const seconds = clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return Math.round((Number(days) * 86_400 + seconds) * 1000);
};

const pidsWithMarker = (text: string, marker: string): number[] =>
  text.split('\n').flatMap((line) => (`${line} `.includes(` ${marker} `) ? [Number.parseInt(line.trim(), 10)] : []));
