/** The private folder in which the commands for open shells are written: short, and without characters that shells change. */
import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newId, NavisError } from '@navisai/protocol';
import { diskRefusal } from '../disk-words.ts';
import type { ShellScripts } from './shell-scripts.ts';

export interface ScriptFolder extends AsyncDisposable {
  /** Where it is, made when missing: a sandbox shows it to the shell inside. */
  path(): Promise<string>;
  /** A path for one command's files. */
  newPath(): Promise<string>;
  write(scripts: ShellScripts): Promise<void>;
  remove(scripts: ShellScripts): Promise<void>;
  /** No shell is left that could need it. */
  discard(): Promise<void>;
}

const plainPath = /^\/[A-Za-z0-9._/-]{1,40}$/;

/** `preferred` is made when missing; a path that is long or has other characters is replaced by one below /tmp. */
export const createScriptFolder = (preferred: string): ScriptFolder => {
  let folder: Promise<string> | undefined;
  let temporary: string | undefined;

  const prepare = async (): Promise<string> => {
    // Always the same one: a shell in a sandbox sees only the folder of when it was opened, also after a restart.
    const chosen = plainPath.test(preferred) ? preferred : substituteFor(preferred);
    await mkdir(chosen, { recursive: true, mode: 0o700 });
    const facts = await lstat(chosen);
    if (facts.isDirectory() && facts.uid === process.getuid?.()) {
      await chmod(chosen, 0o700);
      return chosen;
    }
    temporary = await mkdtemp('/tmp/navis-');
    return temporary;
  };

  return {
    async path() {
      folder ??= prepare();
      try {
        return await folder;
      } catch (error) {
        folder = undefined;
        throw unwritable(error);
      }
    },
    async newPath() {
      return join(await this.path(), newId('call').slice(2, 8));
    },
    async write({ files }) {
      try {
        await Promise.all(files.map(({ path, text }) => writeFile(path, text, { mode: 0o600, flag: 'wx' })));
      } catch (error) {
        // The folder may have been cleaned away; it is made again for the next command.
        folder = undefined;
        throw unwritable(error);
      }
    },
    async remove({ files }) {
      await Promise.all(files.map(({ path }) => rm(path, { force: true }).catch(() => undefined)));
    },
    async discard() {
      const path = await folder?.catch(() => undefined);
      folder = undefined;
      if (path !== undefined && path !== preferred)
        await rm(path, { recursive: true, force: true }).catch(() => undefined);
    },
    async [Symbol.asyncDispose]() {
      if (temporary !== undefined) await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    },
  };
};

const unwritable = (error: unknown): NavisError => {
  const why = diskRefusal(error);
  return new NavisError('SPAWN_FAILED', `The command could not be handed to the shell (${why}). Nothing was started.`, {
    cause: error,
  });
};

const substituteFor = (path: string): string =>
  `/tmp/navis-${process.getuid?.() ?? 0}-${createHash('sha256').update(path).digest('hex').slice(0, 12)}.sh`;
