/** The loop of one sub-agent, here or on a node, with a model that counts into the budget that it shares. */
import { type AgentRunRequest, runAgent, type RunAgent } from '@navisai/agent';
import { meteredModel } from './metered-model.ts';
import { type ChildNode, loopOnNode } from './node-loop.ts';
import type { TokenPool } from './token-pool.ts';

export interface ChildLoopParts {
  runId: string;
  sessionId: string;
  pool: TokenPool;
  /** Where it goes round; `undefined`: in this hub. */
  node: ChildNode | undefined;
}

export const childLoop =
  ({ runId, sessionId, pool, node }: ChildLoopParts): RunAgent =>
  (request) => {
    const model = meteredModel(request.model, { pool, maxRequests: requestsOf(request.limits.maxTurns) });
    const limited: AgentRunRequest = { ...request, model, limits: limitsOf(request, pool) };
    if (node === undefined) return runAgent(limited);
    return loopOnNode({ node, sessionId, runId, model })(limited);
  };

/** Compaction asks a model beside the turns. */
const requestsOf = (maxTurns: number): number => maxTurns * 2 + 10;

/** Read before each turn: what others of the family use meanwhile counts. */
const limitsOf = ({ limits }: AgentRunRequest, pool: TokenPool): AgentRunRequest['limits'] => ({
  maxTurns: limits.maxTurns,
  get maxTokens() {
    const { left, own } = pool;
    return left === Infinity ? undefined : own + left;
  },
});
