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

/** Runs it to its end in this terminal; resolves with its exit code. What it says is a result, unless it goes to stderr. */
export const runNodeProgram = async (
  home: string,
  words: readonly string[],
  saysTo: 'stdout' | 'stderr' = 'stdout',
): Promise<number> => {
  const child = spawn(process.execPath, [nodeEntry(), '--home', home, ...words], {
    stdio: ['inherit', saysTo === 'stdout' ? 'inherit' : 2, 'inherit'],
    env: hubEnvironment(home),
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
};
