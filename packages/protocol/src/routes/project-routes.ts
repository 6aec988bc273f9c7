/** Routes about projects on nodes (I18). */
import { z } from 'zod';
import { nodeIdSchema, projectIdSchema } from '../ids.ts';
import { discoveryProgressSchema, projectDetailSchema, projectSchema } from '../project-entities.ts';
import { route } from './route.ts';

export const projectRoutes = {
  projects: route({
    method: 'GET',
    path: '/projects',
    access: 'viewer',
    summary: 'Projects that were found, by node and path; what is old is looked for anew meanwhile.',
    query: z.strictObject({ nodeId: nodeIdSchema.optional() }),
    response: z.object({
      projects: z.array(projectSchema),
      /** Searches under way, and how the last ones ended. */
      discovery: z.array(discoveryProgressSchema),
    }),
  }),
  project: route({
    method: 'GET',
    path: '/projects/:id',
    access: 'viewer',
    summary: 'One project with its changed files and their diff, as they are now.',
    params: z.strictObject({ id: projectIdSchema }),
    response: z.object({ project: projectSchema, detail: projectDetailSchema }),
  }),
  discoverProjects: route({
    method: 'POST',
    path: '/projects/discover',
    access: 'operator',
    summary: 'Look for projects now, on one node or on all that are connected; discovery.progress tells how it goes.',
    body: z.strictObject({ nodeId: nodeIdSchema.optional() }),
    response: z.object({ discovery: z.array(discoveryProgressSchema) }),
  }),
} as const;
