/** Where the programs are that this CLI starts: the published entries of their packages, in workspace sources and packages alike (I12). */
import { fileURLToPath } from 'node:url';
import { CommandError } from '../output/command-error.ts';

export const daemonEntry = (): string => entryOf('@navisai/daemon', 'The program of the hub');
export const nodeEntry = (): string => entryOf('@navisai/node', 'The program of a node');

const entryOf = (packageName: string, title: string): string => {
  try {
    return fileURLToPath(import.meta.resolve(packageName));
  } catch {
    throw new CommandError(`${title} (${packageName}) is not installed beside this command.`, {
      code: 'INTERNAL',
      exitCode: 1,
      affects: 'Nothing was started.',
      remedy: 'Install navisai again, with its dependencies.',
    });
  }
};
