/** Where the hub's program is: the published entry of `@navisai/daemon`, in workspace sources and packages alike (I12). */
import { fileURLToPath } from 'node:url';
import { CommandError } from '../output/command-error.ts';

export const daemonEntry = (): string => {
  try {
    return fileURLToPath(import.meta.resolve('@navisai/daemon'));
  } catch {
    throw new CommandError('The program of the hub (@navisai/daemon) is not installed beside this command.', {
      code: 'INTERNAL',
      exitCode: 1,
      affects: 'Nothing was started.',
      remedy: 'Install navisai again, with its dependencies.',
    });
  }
};
