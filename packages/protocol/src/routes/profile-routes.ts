/** Routes about profiles of agents (P1, P4). */
import { z } from 'zod';
import { acpAgentInfoSchema, profileIdSchema, profileInfoSchema, profileProblemSchema } from '../profile.ts';
import { route } from './route.ts';

export const profileRoutes = {
  profiles: route({
    method: 'GET',
    path: '/profiles',
    access: 'viewer',
    summary: 'Profiles, shipped and own, and those that cannot be used, with why; beside them ACP agents of others.',
    response: z.object({
      profiles: z.array(profileInfoSchema),
      problems: z.array(profileProblemSchema),
      /** Absent in answers of older hubs. */
      acpAgents: z.array(acpAgentInfoSchema).default([]),
    }),
  }),
  profile: route({
    method: 'GET',
    path: '/profiles/:id',
    access: 'viewer',
    summary: 'One profile with its prompt.',
    params: z.strictObject({ id: profileIdSchema }),
    response: profileInfoSchema.extend({ systemPrompt: z.string() }),
  }),
} as const;
