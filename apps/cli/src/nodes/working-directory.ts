/** The directory that a command begins in, by default this one where it runs on this very machine. */
import { mainNodeId } from '@navisai/protocol';
import { isAbsolute, resolve } from 'node:path';
import { readEnvironment } from '../environment.ts';
import { chooseHub } from '../hub/choose-hub.ts';
import { usageError } from '../output/command-error.ts';

/**
 * On this machine: as a shell here would see `given`. On another one it is a directory there, and without it the home of
 * its account.
 */
export const workingDirectory = async (
  given: string | undefined,
  nodeId: string | undefined,
): Promise<string | undefined> => {
  const isOnHub = nodeId === undefined || nodeId === mainNodeId;
  if (isOnHub && (await chooseHub(readEnvironment())) === undefined) return resolve(given ?? '');
  if (given === undefined || isAbsolute(given)) return given;
  throw usageError(
    '--cwd must be an absolute path when the command runs on another machine.',
    'Without it the command begins in the home of its account there.',
  );
};
