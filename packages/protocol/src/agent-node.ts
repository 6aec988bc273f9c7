/** Where an agent's tools act (N5, P4). */
import type { AgentSettings } from './conversation.ts';
import type { Profile } from './profile.ts';

/**
 * The id of the node that an agent's tools act on unless a call names another (N5): its conversation's, else its profile's;
 * null: `main`. One that is not known stays as it is written, so that calls fail instead of being made elsewhere.
 */
export const nodeOfAgent = (
  settings: Pick<AgentSettings, 'nodeId'> | undefined,
  profile: Pick<Profile, 'node_id'> | undefined,
  find: (idOrName: string) => { id: string } | undefined,
): string | null => {
  const node = settings?.nodeId ?? profile?.node_id ?? null;
  return node === null ? null : (find(node)?.id ?? node);
};
