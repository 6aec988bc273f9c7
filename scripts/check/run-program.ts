/** Runs one program to its end, captured or shown live, and never longer than its deadline. */
import { spawn } from 'node:child_process';

export interface ProgramRun {
  file: string;
  arguments: string[];
  directory: string;
  environment?: NodeJS.ProcessEnv;
  /** Shown as it comes instead of being captured. */
  isLive?: boolean;
  deadlineMs: number;
}

export interface ProgramEnd {
  isSuccess: boolean;
  /** It was ended for its deadline. */
  isLate?: boolean;
  /** Standard output and error in one, empty when shown live. */
  output: string;
  /** Such as `exit code 1`, for people. */
  reason: string;
}

const killGraceMs = 5000;
const drainMs = 1000;

export function runProgram(run: ProgramRun): Promise<ProgramEnd> {
  const { promise, resolve } = Promise.withResolvers<ProgramEnd>();
  const child = spawn(run.file, run.arguments, {
    cwd: run.directory,
    env: run.environment ?? process.env,
    stdio: ['ignore', run.isLive ? 'inherit' : 'pipe', run.isLive ? 'inherit' : 'pipe'],
  });
  let output = '';
  let isLate = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const deadline = setTimeout(() => {
    isLate = true;
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), killGraceMs).unref();
  }, run.deadlineMs);
  const end = (isSuccess: boolean, reason: string): void => {
    clearTimeout(deadline);
    resolve({
      isSuccess: isSuccess && !isLate,
      isLate,
      output,
      reason: isLate ? `not done in ${run.deadlineMs / 1000} s` : reason,
    });
  };
  child.on('error', (error) => end(false, error.message));
  child.on('exit', (code, signal) => {
    const finish = (): void => end(code === 0, signal ?? `exit code ${code}`);
    child.on('close', finish);
    // A grandchild that keeps the pipe open must not hold up the check.
    setTimeout(finish, drainMs).unref();
  });
  return promise;
}
