/** The tool `spawn_agent`: a sub-agent in the same session, here or on a node, and its answer or a failure (T23, N5, N8, P5). */
import type { RunAgent } from '@navisai/agent';
import {
  mainNodeId,
  NavisError,
  spawnAgentToolDescription,
  spawnAgentToolSchema,
  subAgentSeconds,
  type SpawnAgentCall,
  type ToolResult,
} from '@navisai/protocol';
import type { StoreKeeper } from '@navisai/store';
import type { Nodes } from '../../nodes/nodes.ts';
import { failure } from '../../services/tool-path.ts';
import type { Actor, ActorCall, HubTool, Profiles, RunOutcome, Runs, Toolbox } from '../agents.types.ts';
import { AgentSlots } from './agent-slots.ts';
import { type Child, childOf } from './child-actor.ts';
import { childLoop } from './child-loop.ts';
import { linkTo, type NodeRequest, requireTaking } from './find-node.ts';
import type { ChildNode } from './node-loop.ts';
import { resultOf } from './outcome-result.ts';
import { type RunClock, RunClocks, startRunClock } from './run-clock.ts';
import { TokenPool, TokenPools } from './token-pool.ts';

export interface SubAgentsParts {
  keeper: StoreKeeper;
  profiles: Pick<Profiles, 'get'>;
  toolbox: Pick<Toolbox, 'toolsFor'>;
  runs(): Runs;
  nodes: Pick<Nodes, 'fleet' | 'registry' | 'onConnected'>;
}

interface Spawning {
  actor: Actor;
  parentRunId: string;
  call: ActorCall;
  given: SpawnAgentCall;
}

interface Running extends Spawning {
  clock: RunClock;
  signal: AbortSignal;
}

export class SubAgents {
  readonly #parts: SubAgentsParts;
  readonly #slots = new AgentSlots();
  readonly #pools = new TokenPools();
  readonly #clocks = new RunClocks();

  constructor(parts: SubAgentsParts) {
    this.#parts = parts;
  }

  get tool(): HubTool {
    return {
      name: 'spawn_agent',
      description: spawnAgentToolDescription,
      schema: spawnAgentToolSchema,
      // Whatever it does is judged call by call.
      risk: () => 'reading',
      execute: (actor, call) => this.#execute(actor, call),
    };
  }

  /** Tokens that the sub-agents of a run have used so far: they count as its own. */
  tokensBelow(runId: string): number {
    return this.#pools.get(runId)?.below ?? 0;
  }

  /** A call of this run begins or ends to wait for a person: that is not its time. */
  setWaiting(runId: string, callId: string, isWaiting: boolean): void {
    this.#clocks.setWaiting(runId, callId, isWaiting);
  }

  async #execute(actor: Actor, call: ActorCall): Promise<ToolResult> {
    try {
      const { runId: parentRunId } = actor;
      if (parentRunId === null) throw new NavisError('POLICY_DENIED', 'Only an agent starts a sub-agent.');
      // The arguments fit the schema.
      return await this.#spawn({ actor, parentRunId, call, given: call.arguments as SpawnAgentCall });
    } catch (error) {
      return failure(error);
    }
  }

  async #spawn(spawning: Spawning): Promise<ToolResult> {
    const { actor, parentRunId, call, given } = spawning;
    const child = await childOf(this.#parts, actor, given);
    if (child.loopNode !== null && call.isRepeat !== true) requireTaking(this.#parts.nodes, child.loopNode);
    const { seconds, warnings } = timeOf(actor, given.timeout);
    using slot = await this.#slots.take(parentRunId, actor.profile.sub_agents.max_parallel, call.signal);
    // Its time begins with its turn: the one before it may wait for a person.
    using clock = startRunClock(seconds * 1000, parentRunId);
    const signal = AbortSignal.any([call.signal, clock.signal]);
    const outcome = slot === undefined ? notBegun : await this.#run(child, { ...spawning, clock, signal });
    const timedOutAfter = clock.signal.aborted && !call.signal.aborted ? seconds : undefined;
    const { profile, nodeId } = child.actor;
    return resultOf({ outcome, nodeId: nodeId ?? mainNodeId, profile: profile.id, timedOutAfter, warnings });
  }

  async #run(child: Child, running: Running): Promise<RunOutcome> {
    const { actor, parentRunId, call, given, clock, signal } = running;
    const { session } = actor;
    const pool = await this.#poolBelow(actor, parentRunId, child);
    const { loopNode } = child;
    const isRepeat = call.isRepeat === true;
    const node =
      loopNode === null ? undefined : this.#nodeOf({ nodeId: loopNode, sessionId: session.id, isRepeat, signal });
    const started: string[] = [];
    const loop = (runId: string): RunAgent => {
      started.push(runId);
      this.#pools.add(runId, pool);
      this.#clocks.add(runId, clock);
      return childLoop({ runId, sessionId: session.id, pool, node });
    };
    const parent = { runId: parentRunId, callId: call.callId };
    const order = { session, actor: child.actor, task: given.task, parent, model: child.model, signal, loop };
    try {
      return await this.#parts.runs().run(order);
    } finally {
      for (const runId of started) {
        this.#pools.remove(runId);
        this.#clocks.remove(runId);
      }
    }
  }

  #nodeOf(request: NodeRequest): ChildNode {
    return { id: request.nodeId, link: () => linkTo(this.#parts.nodes, request) };
  }

  /** The budget of the child within that of its parent. */
  async #poolBelow(actor: Actor, parentRunId: string, child: Child): Promise<TokenPool> {
    const above =
      this.#pools.get(parentRunId) ?? this.#pools.add(parentRunId, new TokenPool(actor.profile.token_budget));
    if (actor.depth === 0) {
      const usage = (await this.#parts.keeper.store.read.conversations.run(parentRunId))?.usage;
      above.own = (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0);
    }
    if (above.left > 0) return new TokenPool(child.actor.profile.token_budget, above);
    const message = 'The tokens of this run are used up (token_budget): no sub-agent was started.';
    throw new NavisError('POLICY_DENIED', message);
  }
}

const notBegun: RunOutcome = { runId: '', reason: 'stopped', answer: '', error: null };

const timeOf = ({ profile }: Actor, asked: number | undefined): { seconds: number; warnings: string[] } => {
  const limit = profile.sub_agents.timeout_seconds;
  const seconds = Math.min(asked ?? subAgentSeconds.default, limit);
  const isCut = asked !== undefined && asked > limit;
  return { seconds, warnings: isCut ? [`timeout: the profile allows a sub-agent ${limit} seconds.`] : [] };
};
