/** Every profile there is: those that ship with Navis, overridden and joined by a person's own (P1). */
import { lstatSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { profileIdSchema } from '@navisai/protocol';
import {
  type LoadedProfile,
  type ParseProfile,
  type ProfileProblem,
  type ProfileReading,
  readProfileFolder,
} from './profile-folder.ts';

export interface FoundProfiles {
  /** By id, in the order of the ids. */
  profiles: LoadedProfile[];
  problems: ProfileProblem[];
}

export interface ProfilePlaces {
  shipped: string;
  /** `$NAVIS_HOME/profiles`; need not be there. */
  user: string;
}

/** Folders that are looked at in one place. */
export const maxProfiles = 200;

/**
 * Never rejects: what cannot be used is a problem, and the rest works. A person's own profile that cannot be used does not
 * fall back to the shipped one of its id: what it would have narrowed is not known.
 */
export const readProfiles = async ({ shipped, user }: ProfilePlaces): Promise<FoundProfiles> => {
  const [first, second] = await Promise.all([readPlace(shipped, 'shipped'), readPlace(user, 'user')]);
  const problems = [...first.problems, ...second.problems];
  const isOverridden = (id: string): boolean =>
    second.profiles.some(({ profile }) => profile.id === id) || second.problems.some((problem) => problem.id === id);
  const profiles = [...first.profiles.filter(({ profile }) => !isOverridden(profile.id)), ...second.profiles];
  return { profiles: profiles.toSorted((a, b) => a.profile.id.localeCompare(b.profile.id)), problems };
};

/** The one that `readProfiles` finds for this id, without looking at the others; `undefined` where there is none. */
export const readProfile = (
  { shipped, user }: ProfilePlaces,
  id: string,
  parse?: ParseProfile,
): ProfileReading | undefined => {
  if (!profileIdSchema.safeParse(id).success) return undefined;
  const own = join(user, id);
  if (isProfileEntry(own)) return readProfileFolder({ path: own, id, source: 'user', parse });
  const path = join(shipped, id);
  return isProfileEntry(path) ? readProfileFolder({ path, id, source: 'shipped', parse }) : undefined;
};

const isProfileEntry = (path: string): boolean => {
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    return stats?.isDirectory() === true || stats?.isSymbolicLink() === true;
  } catch {
    return false;
  }
};

const readPlace = async (place: string, source: LoadedProfile['source']): Promise<FoundProfiles> => {
  const { folders, problems } = await findFolders(place);
  const found: FoundProfiles = { profiles: [], problems };
  for (const id of folders) {
    const reading = readProfileFolder({ path: join(place, id), id, source });
    if (reading.kind === 'loaded') found.profiles.push(reading.loaded);
    else found.problems.push(reading.problem);
  }
  return found;
};

/** Files and hidden folders beside the profiles are nobody's concern. */
const findFolders = async (place: string): Promise<{ folders: string[]; problems: ProfileProblem[] }> => {
  const entries = await readdir(place, { withFileTypes: true }).catch((error: unknown) =>
    error instanceof Error && 'code' in error && error.code === 'ENOENT' ? [] : String(error),
  );
  if (typeof entries === 'string')
    return { folders: [], problems: [{ id: '*', file: place, message: `cannot be read: ${entries}` }] };
  const names = entries
    .filter((entry) => !entry.name.startsWith('.') && (entry.isDirectory() || entry.isSymbolicLink()))
    .map(({ name }) => name)
    .toSorted();
  const problems = names
    .filter((name) => !profileIdSchema.safeParse(name).success)
    .map((id) => ({ id, file: join(place, id), message: 'the name of its folder is no id: up to 64 of a-z 0-9 _ -' }));
  const folders = names.filter((name) => profileIdSchema.safeParse(name).success);
  if (folders.length > maxProfiles)
    problems.push({ id: '*', file: place, message: `only the first ${maxProfiles} profiles are read` });
  return { folders: folders.slice(0, maxProfiles), problems };
};
