/** What the kernel tells about a shell beyond the process table: its arguments, its terminal and whether it was replaced. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { ShellKind } from './shell-scripts.ts';

const run = promisify(execFile);
const programDeadlineMs = 2000;
const isLinux = process.platform === 'linux';

/** `sh` stands for every small POSIX shell. */
export const shellKindOf = (program: string | null): ShellKind | null => {
  if (program === 'bash' || program === 'rbash') return 'bash';
  if (program === 'zsh' || program === 'fish') return program;
  return program !== null && posixShells.has(program) ? 'sh' : null;
};
const posixShells = new Set(['sh', 'dash', 'ash', 'busybox', 'ksh', 'ksh93', 'mksh', 'oksh', 'yash']);

export const argumentsOf = async (pid: number): Promise<string[]> => {
  if (!isLinux) return (await output('ps', ['-o', 'args=', '-p', String(pid)])).trim().split(/\s+/);
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').slice(0, -1);
  } catch {
    return [];
  }
};

/** Options whose value is the next argument. */
const optionsWithValue = new Set([
  '--rcfile',
  '--init-file',
  '-O',
  '+O',
  '-o',
  '+o',
  '--init-command',
  '-C',
  '-d',
  '-f',
]);

/** True for a shell that reads its commands from the terminal, so that it comes back to a prompt. */
export const readsFromTerminal = (shellArguments: readonly string[]): boolean => {
  // BusyBox is told by its first argument which program it is.
  const start = /(^|\/)busybox$/.test(shellArguments[0] ?? '') ? 2 : 1;
  for (let index = start; index < shellArguments.length; index += 1) {
    const argument = shellArguments[index] ?? '';
    if (!/^[-+]./.test(argument)) return false;
    if (argument === '--command' || /^-[a-zA-Z]*c[a-zA-Z]*$/.test(argument)) return false;
    if (optionsWithValue.has(argument)) index += 1;
  }
  return shellArguments.length > 0;
};

/** Changes when the process executes another program in its place; `null` where that cannot be told. */
export const executionOf = async (pid: number): Promise<string | null> => {
  if (!isLinux) return (await argumentsOf(pid)).join(' ');
  const fields = await statFields(pid);
  // Where the kernel put the arguments: random for each exec.
  const argumentStart = fields[45];
  return argumentStart === undefined || argumentStart === '0' ? null : argumentStart;
};

/** True when a line editor has the process's terminal, as at the prompt of bash, zsh and fish; `null` when unknown. */
export const isLineEditing = async (pid: number): Promise<boolean | null> => {
  const device = await terminalDeviceOf(pid);
  if (device === null) return null;
  const settings = await output('stty', ['-a', isLinux ? '-F' : '-f', device]);
  return settings === '' ? null : /(^|\s)-icanon\b/.test(settings);
};

const terminalDeviceOf = async (pid: number): Promise<string | null> => {
  if (!isLinux) {
    const name = (await output('ps', ['-o', 'tty=', '-p', String(pid)])).trim();
    return /^[\w/]+$/.test(name) && name !== '??' ? `/dev/${name}` : null;
  }
  const device = Number((await statFields(pid))[4] ?? 0);
  const major = (device >> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >> 12) & 0xfff00);
  // 136 to 143 are pseudo-terminals, a million each.
  return major >= 136 && major <= 143 ? `/dev/pts/${minor + (major - 136) * 2 ** 20}` : null;
};

/** Fields of `/proc/PID/stat` after the program's name. */
const statFields = async (pid: number): Promise<string[]> => {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
};

const output = async (program: string, programArguments: string[]): Promise<string> => {
  try {
    const environment = { LC_ALL: 'C', PATH: '/usr/bin:/bin:/usr/sbin:/sbin' };
    return (await run(program, programArguments, { timeout: programDeadlineMs, env: environment })).stdout;
  } catch {
    return '';
  }
};
