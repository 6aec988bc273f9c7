/** Finds what a test left behind: processes that carry its folder in their environment, directory or arguments. */
import { readFile, readdir, readlink } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface MarkedProcess {
  pid: number;
  command: string;
}

/** Every living process but this one in whose environment, arguments or working directory `mark` occurs. */
export const findMarked = async (mark: string): Promise<MarkedProcess[]> =>
  process.platform === 'linux' ? findInProc(mark) : findWithPs(mark);

const findInProc = async (mark: string): Promise<MarkedProcess[]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const looked = await Promise.all(pids.filter((pid) => pid !== process.pid).map((pid) => look(pid, mark)));
  return looked.filter((found) => found !== undefined);
};

const look = async (pid: number, mark: string): Promise<MarkedProcess | undefined> => {
  const read = (name: string): Promise<string> => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
  const [environment, command, directory, status] = await Promise.all([
    read('environ'),
    read('cmdline'),
    readlink(`/proc/${pid}/cwd`).catch(() => ''),
    read('stat'),
  ]);
  const isZombie = status.slice(status.lastIndexOf(')') + 2).startsWith('Z');
  if (isZombie || ![environment, command, directory].some((text) => text.includes(mark))) return undefined;
  return { pid, command: command.replaceAll('\0', ' ').trim() };
};

const findWithPs = async (mark: string): Promise<MarkedProcess[]> => {
  const { stdout } = await promisify(execFile)('ps', ['-axwwE', '-o', 'pid=,command=']);
  return stdout
    .split('\n')
    .filter((line) => line.includes(mark) && !line.includes('ps -axwwE'))
    .map((line) => ({ pid: Number.parseInt(line, 10), command: line.trim().replace(/^\d+\s+/, '') }))
    .filter(({ pid }) => pid !== process.pid);
};
