/** Runs a tool of the system that reads and writes trust stores. */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { programPath } from '../environment.ts';

export interface ToolRun {
  isSuccess: boolean;
  output: string;
}

const deadlineMs = 60_000;
const maxOutputLength = 256 * 1024;
/** Places that a normal user's PATH leaves out. */
const systemFolders = ['/usr/sbin', '/sbin', '/usr/local/sbin', '/opt/homebrew/opt/nss/bin', '/usr/local/opt/nss/bin'];

/** Full path of a program, if it is installed. */
export const findTool = (name: string, path = programPath()): string | undefined =>
  [...path.split(delimiter), ...systemFolders]
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isExecutable);

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Never rejects. The tool has no terminal, so it fails where it would ask for a password. */
export const runTool = (program: string, args: readonly string[]): Promise<ToolRun> =>
  new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, timeout: deadlineMs });
    let output = '';
    const take = (text: string): void => {
      output = (output + text).slice(-maxOutputLength);
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    child.on('error', (error) => resolve({ isSuccess: false, output: error.message }));
    child.on('close', (code) => resolve({ isSuccess: code === 0, output: output.trim() }));
  });
