/** Routes about profiles of agents (P1, P4). */
import type { ProfileService } from '../agents/profiles/profiles.ts';
import type { Handlers } from '../http/handler.types.ts';

export const profileHandlers = (profiles: ProfileService): Pick<Handlers, 'profiles' | 'profile'> => ({
  profiles: () => profiles.list(),
  profile: ({ params }) => profiles.describe(params.id),
});
