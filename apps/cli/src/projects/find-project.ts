/** Finds the project that a person means by its id, its path or its name. */
import type { Api } from '@navisai/client';
import type { Project } from '@navisai/protocol';
import type { Positional } from '../command-line/command.types.ts';
import { CommandError } from '../output/command-error.ts';
import { printable } from '../output/printable.ts';

export const projectPositional = {
  name: 'project',
  summary: 'Name, path or id of the project.',
  completes: 'projects',
  maxLength: 4096,
} as const satisfies Positional;

/** Rejects NOT_FOUND, or CONFLICT when several are meant. */
export const findProject = async (api: Api, wanted: string): Promise<Project> => {
  const { projects } = await api.projects({ query: {} });
  const found = projects.filter(({ id, path, name }) => [id, path, name].includes(wanted));
  const [project] = found;
  if (project === undefined)
    throw new CommandError(`There is no project "${printable(wanted, 64)}".`, {
      code: 'NOT_FOUND',
      exitCode: 5,
      remedy: 'navisai projects discover',
    });
  if (found.length > 1)
    throw new CommandError(`${found.length} projects have this name.`, {
      code: 'CONFLICT',
      exitCode: 6,
      remedy: `Use an id: ${found.map(({ id }) => id).join(', ')}`,
    });
  return project;
};
