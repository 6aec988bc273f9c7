/** The profiles of this hub: read anew at each use, so that a change works from the next message (P4). */
import {
  createProfileParser,
  type FoundProfiles,
  type LoadedProfile,
  type ProfilePlaces,
  readProfile,
  readProfiles,
  shippedProfilesFolder,
} from '@navisai/agent';
import { NavisError, type ProfileInfo } from '@navisai/protocol';
import type { Profiles } from '../agents.types.ts';

export interface ProfileService extends Profiles {
  /** With where it comes from. Rejects NavisError NOT_FOUND naming the problem. */
  describe(id: string): Promise<ProfileInfo & { systemPrompt: string }>;
}

export interface ProfilesOptions {
  /** `$NAVIS_HOME/profiles`. */
  folder: string;
  shippedFolder?: string;
}

export const createProfiles = ({ folder, shippedFolder = shippedProfilesFolder }: ProfilesOptions): ProfileService => {
  const places: ProfilePlaces = { shipped: shippedFolder, user: folder };
  const parse = createProfileParser();
  const find = async (id: string): Promise<LoadedProfile> => {
    const reading = readProfile(places, id, parse);
    if (reading?.kind === 'loaded') return reading.loaded;
    throw new NavisError('NOT_FOUND', whyNot(id, await readProfiles(places)));
  };
  return {
    async list() {
      const { profiles, problems } = await readProfiles(places);
      return { profiles: profiles.map(infoOf), problems };
    },
    async get(id) {
      const { profile, systemPrompt } = await find(id);
      return { profile, systemPrompt };
    },
    async describe(id) {
      const loaded = await find(id);
      return { ...infoOf(loaded), systemPrompt: loaded.systemPrompt };
    },
  };
};

const infoOf = ({ profile, source }: LoadedProfile): ProfileInfo => ({ ...profile, source });

const whyNot = (id: string, { profiles, problems }: FoundProfiles): string => {
  const problem = problems.find((one) => one.id === id);
  if (problem !== undefined)
    return `The profile ${id} cannot be used: ${problem.file}: ${problem.message}. Correct it, or remove its folder.`;
  return `There is no profile ${id}. There are: ${profiles.map(({ profile }) => profile.id).join(', ')}.`;
};
