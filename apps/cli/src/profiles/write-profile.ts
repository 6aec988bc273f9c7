/** Writes a person's own profile into the home of the hub of this machine (P1). */
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Profile } from '@navisai/protocol';
import { CommandError } from '../output/command-error.ts';

export interface NewProfile {
  /** `$NAVIS_HOME`. */
  home: string;
  profile: Profile;
  systemPrompt: string;
}

/** The folder. The hub sees it whole or not at all. Rejects with a CommandError when there is one of this id already. */
export const writeProfile = async ({ home, profile, systemPrompt }: NewProfile): Promise<string> => {
  const place = join(home, 'profiles');
  const folder = join(place, profile.id);
  // Readers pass over hidden folders.
  const draft = join(place, `.${profile.id}.${process.pid}.new`);
  await mkdir(draft, { recursive: true, mode: 0o700 });
  try {
    await chmod(place, 0o700);
    await writeFile(join(draft, 'profile.json'), `${JSON.stringify(profile, null, 2)}\n`, { mode: 0o600 });
    await writeFile(join(draft, 'system_prompt.txt'), `${systemPrompt.trimEnd()}\n`, { mode: 0o600 });
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw alreadyThere(error) ? conflict(profile.id, folder) : error;
  }
  return folder;
};

const alreadyThere = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(String(error.code));

const conflict = (id: string, folder: string): CommandError =>
  new CommandError(`There is a profile ${id} of your own already: ${folder}.`, {
    code: 'CONFLICT',
    exitCode: 6,
    affects: 'Nothing was written.',
    remedy: `Change it there, or take another id: navisai profiles new my-${id}`,
  });
