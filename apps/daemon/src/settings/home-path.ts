/** Where the hub keeps everything, found before anything is loaded. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** `--home`, else `$NAVIS_HOME`, else `~/.navis`. */
export const findHomePath = (flag: string | undefined, variables: NodeJS.ProcessEnv = process.env): string =>
  resolve(flag ?? (variables.NAVIS_HOME || join(homedir(), '.navis')));

/** Compiled code is kept below the home: a shared folder would let others plant code. */
export const compileCacheFolder = (home: string): string => join(home, 'cache', 'compile');
