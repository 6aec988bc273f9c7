/** The node that a profile names (P4): a directory of this machine means nothing there. */
import type { Api } from '@navisai/client';
import { defaultProfileId } from '@navisai/protocol';

/** Id or name; `undefined` where the profile names none, or is not there: the hub says so. */
export const nodeOfProfile = async (api: Api, id = defaultProfileId): Promise<string | undefined> => {
  const { profiles } = await api.profiles();
  return profiles.find((profile) => profile.id === id)?.node_id;
};
