/** Routes about profiles of agents (P1, P4). */
import type { Peers } from '../agents/create-peers.ts';
import type { ProfileService } from '../agents/profiles/profiles.ts';
import type { Handlers } from '../http/handler.types.ts';

export interface ProfileParts {
  profiles: ProfileService;
  peers: Pick<Peers, 'acpAgents'>;
}

export const profileHandlers = ({ profiles, peers }: ProfileParts): Pick<Handlers, 'profiles' | 'profile'> => ({
  profiles: async () => ({ ...(await profiles.list()), acpAgents: [...peers.acpAgents] }),
  profile: ({ params }) => profiles.describe(params.id),
});
