/** Where the bridge's program is: the entry of `@navisai/bridge`, in workspace sources and packages alike (I4). */
import { fileURLToPath } from 'node:url';
import { CommandError } from '../output/command-error.ts';

export const bridgeEntry = (): string => {
  try {
    return fileURLToPath(import.meta.resolve('@navisai/bridge'));
  } catch {
    throw new CommandError('The program of the bridge (@navisai/bridge) is not installed beside this command.', {
      code: 'INTERNAL',
      exitCode: 1,
      affects: 'Nothing was set up.',
      remedy: 'Install navisai again, with its dependencies.',
    });
  }
};
