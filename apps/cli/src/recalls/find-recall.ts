/** Finds the recall that a person means by its id or its title. */
import type { Api } from '@navisai/client';
import type { Recall } from '@navisai/protocol';
import type { Positional } from '../command-line/command.types.ts';
import { CommandError } from '../output/command-error.ts';
import { printable } from '../output/printable.ts';

export const recallPositional = {
  name: 'recall',
  summary: 'Id or title of the recall.',
  completes: 'recalls',
  maxLength: 200,
} as const satisfies Positional;

/** Rejects NOT_FOUND, or CONFLICT when several have this title. */
export const findRecall = async (api: Api, wanted: string): Promise<Recall> => {
  if (/^w_[0-9a-z]{4,40}$/.test(wanted)) return api.recall({ params: { id: wanted } });
  const { recalls } = await api.recalls();
  const found = recalls.filter(({ title }) => title === wanted);
  const [recall] = found;
  if (recall === undefined)
    throw new CommandError(`There is no recall "${printable(wanted, 64)}".`, {
      code: 'NOT_FOUND',
      exitCode: 5,
      remedy: 'navisai recalls list',
    });
  if (found.length > 1)
    throw new CommandError(`${found.length} recalls have this title.`, {
      code: 'CONFLICT',
      exitCode: 6,
      remedy: `Use an id: ${found.map(({ id }) => id).join(', ')}`,
    });
  return recall;
};
