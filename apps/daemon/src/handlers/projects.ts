/** Routes about projects (I18). */
import type { Projects } from '../agents/projects/projects.ts';
import type { Handlers } from '../http/handler.types.ts';

export type ProjectHandlers = Pick<Handlers, 'projects' | 'project' | 'discoverProjects'>;

export const projectHandlers = (projects: Projects): ProjectHandlers => ({
  projects: ({ query }) => projects.list(query),
  project: ({ params }) => projects.inspect(params.id),
  discoverProjects: ({ body }) => ({ discovery: projects.discover(body) }),
});
