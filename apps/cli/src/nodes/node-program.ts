/** The program of a node on this machine: it becomes this process, or runs to its end in this terminal. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { hubEnvironment } from '../environment.ts';
import { nodeEntry } from '../hub/daemon-entry.ts';
import { CommandError } from '../output/command-error.ts';

/** This process becomes the node: same PID and terminal, so signals and Ctrl-C reach it. */
export const becomeNode = (home: string, words: readonly string[]): never => {
  if (process.execve === undefined)
    throw new CommandError('Joining in the foreground is not possible on this platform.', {
      code: 'INTERNAL',
      exitCode: 1,
      remedy: 'Use --service.',
    });
  const all = [process.execPath, nodeEntry(), '--home', home, ...words];
  return process.execve(process.execPath, all, hubEnvironment(home));
};

/** `result` is for whoever reads stdout, a `remark` for the person, `silent` is only about the exit code. */
export type Speech = 'result' | 'remark' | 'silent';

/** Runs it to its end in this terminal; resolves with its exit code. */
export const runNodeProgram = async (
  home: string,
  words: readonly string[],
  speech: Speech = 'result',
): Promise<number> => {
  const child = spawn(process.execPath, [nodeEntry(), '--home', home, ...words], {
    stdio: ['inherit', targets[speech], speech === 'silent' ? 'ignore' : 'inherit'],
    env: hubEnvironment(home),
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
};

const targets: Record<Speech, 'inherit' | 'ignore' | 2> = { result: 'inherit', remark: 2, silent: 'ignore' };

/** Exit code of `service status` when there is none. */
const noServiceExitCode = 5;

/** Takes its services away, so that none starts it again; false when one of them stayed, which it has told itself. */
export const removeNodeServices = async (home: string): Promise<boolean> => {
  for (const scope of [[], ['--system']]) {
    if ((await runNodeProgram(home, ['service', 'status', ...scope], 'silent')) === noServiceExitCode) continue;
    if ((await runNodeProgram(home, ['service', 'remove', ...scope], 'remark')) !== 0) return false;
  }
  return true;
};
