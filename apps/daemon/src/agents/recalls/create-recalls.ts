/** Recalls of this hub: carried out by its agents, in conversations of their own (A5). */
import type { FastifyBaseLogger } from 'fastify';
import type { StoreFeed, StoreKeeper } from '@navisai/store';
import type { Nodes } from '../../nodes/nodes.ts';
import type { Sessions } from '../../services/sessions.ts';
import type { Profiles } from '../agents.types.ts';
import type { Agents } from '../create-agents.ts';
import { orderOf } from '../runs/run-order.ts';
import { recallTools } from './recall-tools.ts';
import { Recalls } from './recalls.ts';
import { systemClock } from './system-clock.ts';

export interface CreateRecallsParts {
  keeper: StoreKeeper;
  feed: StoreFeed;
  log: FastifyBaseLogger;
  instanceId: string;
  nodes: Nodes;
  sessions: Sessions;
  profiles: Profiles;
  agents: Agents;
}

export const createRecalls = (parts: CreateRecallsParts): Recalls => {
  const { agents, nodes, sessions } = parts;
  const { runs, setup, toolbox } = agents;
  const recalls = new Recalls({
    ...parts,
    clock: systemClock,
    runs,
    findNode: (idOrName) => nodes.registry.find(idOrName),
    async openSession({ title, userId, profile, nodeId }) {
      const agent = await setup.complete({ profile, nodeId });
      return sessions.create({ title, userId, kind: 'agent', agent });
    },
    goesOn: (sessionId) => continuedRecall(runs, sessionId) !== undefined,
    adopt({ id }, signal) {
      const root = continuedRecall(runs, id);
      if (root === undefined) return undefined;
      signal.addEventListener('abort', () => root.stop(), { once: true });
      return root.ended;
    },
  });
  for (const tool of recallTools(recalls)) toolbox.register(tool);
  return recalls;
};

/** The run of a recall that was begun by an earlier process, and goes on. */
const continuedRecall = (runs: Agents['runs'], sessionId: string): ReturnType<Agents['runs']['current']> => {
  const root = runs.current(sessionId);
  const before = root?.plan.continues;
  if (before === undefined || before === null) return undefined;
  return orderOf(before)?.actor.requester.kind === 'recall' ? root : undefined;
};
