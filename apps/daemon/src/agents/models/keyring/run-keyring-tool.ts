/** Runs a small program of the system that keeps secrets; a secret goes in by its input, never by its arguments. */
import { execFile } from 'node:child_process';

/** A program that waits for a person is ended, and with it its window. */
const deadlineMs = 2_000;
const maxBytes = 64 * 1024;

export interface KeyringTool {
  file: string;
  arguments: readonly string[];
  environment: Record<string, string>;
  input?: string | undefined;
}

/** Its output. Rejects, without the input or output in its message, when it failed or took too long. */
export const runKeyringTool = ({ file, arguments: words, environment, input = '' }: KeyringTool): Promise<string> =>
  new Promise((resolve, reject) => {
    const options = { env: environment, timeout: deadlineMs, killSignal: 'SIGKILL', maxBuffer: maxBytes } as const;
    const child = execFile(file, words, options, (error, output) => {
      if (error === null) return resolve(output);
      const how = error.killed ? `did not answer within ${deadlineMs / 1000} s` : `failed (${error.code ?? 'killed'})`;
      reject(new Error(`${file} ${how}`));
    });
    // One that ended before it read everything is told by its end.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
