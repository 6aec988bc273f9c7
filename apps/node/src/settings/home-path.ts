/** Where this machine keeps what is Navis's, found before anything is loaded. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** `--home`, else `$NAVIS_HOME`, else `~/.navis`. Flags are judged later. */
export const findHomePath = (given: readonly string[], variables: NodeJS.ProcessEnv = process.env): string => {
  const index = given.findIndex((word) => word === '--home' || word.startsWith('--home='));
  const word = given[index];
  const flag = word === '--home' ? given[index + 1] : word?.slice('--home='.length);
  return resolve(flag || variables.NAVIS_HOME || join(homedir(), '.navis'));
};

/** Compiled code is kept below the home: a shared folder would let others plant code. */
export const compileCacheFolder = (home: string): string => join(home, 'cache', 'compile');
