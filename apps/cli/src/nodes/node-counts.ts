/** How many nodes there are and which of them are away, for `status` and `doctor`. */
import type { Api } from '@navisai/client';

export interface NodeCounts {
  /** `main` included. */
  online: number;
  /** Names. */
  offline: string[];
  invited: string[];
}

const deadlineMs = 3_000;

export const countNodes = async (api: Api): Promise<NodeCounts> => {
  const { nodes } = await api.nodes({}, { timeoutMs: deadlineMs });
  const namesOf = (state: string): string[] => nodes.filter((node) => node.state === state).map(({ name }) => name);
  return { online: namesOf('online').length, offline: namesOf('offline'), invited: namesOf('invited') };
};
