/** The projects of a node as prompts ask for them: read once, and again when one of them has changed (I18, L1). */
import type { Project } from '@navisai/protocol';
import type { StoreFeed, StoreKeeper } from '@navisai/store';

export interface KnownProjectsParts {
  keeper: Pick<StoreKeeper, 'store' | 'onReplaced'>;
  feed: Pick<StoreFeed, 'listen'>;
}

/** Nodes whose projects are remembered; with more the next one begins anew. */
const maxNodes = 100;

/** Every change of what a project is, but not that it was looked at again, is told as an event, and nobody else writes them. */
export const createKnownProjects = ({ keeper, feed }: KnownProjectsParts): ((nodeId: string) => Promise<Project[]>) => {
  const byNode = new Map<string, Promise<Project[]>>();
  feed.listen(({ event }) => {
    if (event.type === 'project.updated') byNode.delete(event.data.project.nodeId);
  });
  keeper.onReplaced(() => byNode.clear());
  return async (nodeId) => {
    const known = byNode.get(nodeId);
    if (known !== undefined) return known;
    if (byNode.size >= maxNodes) byNode.clear();
    const reading = keeper.store.read.projects.list({ nodeId });
    byNode.set(nodeId, reading);
    reading.catch(() => byNode.get(nodeId) === reading && byNode.delete(nodeId));
    return reading;
  };
};
