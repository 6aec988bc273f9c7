/** What the system tells of processes: parents, memory, whether they live. */
import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findMarked } from '@navisai/testkit';

export const isLinux = process.platform === 'linux';

const ps = async (column: string, pid: number): Promise<string> => {
  const { stdout } = await promisify(execFile)('ps', ['-o', `${column}=`, '-p', String(pid)]).catch(() => ({
    stdout: '',
  }));
  return stdout.trim();
};

/** Of a terminal: the pty-host that keeps it. 0 when there is no such process. */
export const parentOf = async (pid: number): Promise<number> => Number(await ps('ppid', pid));

export const isAlive = async (pid: number): Promise<boolean> => {
  const state = await ps('stat', pid);
  return state !== '' && !state.startsWith('Z');
};

/** Living processes in whose arguments `text` occurs, such as a `sleep` of a length that nobody else asks for. */
export const pidsWith = async (mark: string, text: string): Promise<number[]> =>
  (await findMarked(mark)).filter(({ command }) => command.includes(text)).map(({ pid }) => pid);

/** Proportional memory of one process in MB; Linux only. 0 when it is gone. */
export const memoryOf = async (pid: number): Promise<number> => {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) / 1024;
};

interface HostRecord {
  service: string;
  pid: number;
}

/** The pty-hosts and run-hosts of one home, as they have put themselves on record. */
export const hostsOf = async (home: string): Promise<{ ptyHosts: number[]; runHosts: number[] }> => {
  const folder = join(home, 'hosts');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  // One that ends meanwhile takes its record with it.
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8').catch(() => undefined)));
  const records = texts.flatMap((text) => (text === undefined ? [] : [JSON.parse(text) as HostRecord]));
  const of = (service: string): number[] => records.filter((one) => one.service === service).map(({ pid }) => pid);
  return { ptyHosts: of('pty-host'), runHosts: of('run-host') };
};
