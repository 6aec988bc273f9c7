/** Runs `navisai` inside a test, with streams that remember. */
import { PassThrough } from 'node:stream';
import { runProgram } from './run-program.ts';

export interface ProgramRun {
  exitCode: number;
  stdout: string;
  stderr: string;
}

export const runCli = async (...words: string[]): Promise<ProgramRun> => {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const exitCode = await runProgram({
    words,
    stdout: stdout as unknown as NodeJS.WriteStream,
    stderr: stderr as unknown as NodeJS.WriteStream,
    environment: {},
  });
  return { exitCode, stdout: readAll(stdout), stderr: readAll(stderr) };
};

const readAll = (stream: PassThrough): string => {
  const chunks: Buffer[] = [];
  for (let chunk = stream.read(); chunk !== null; chunk = stream.read()) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};
