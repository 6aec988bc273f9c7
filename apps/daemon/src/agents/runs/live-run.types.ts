/** What one run needs and how it is told of. */
import type { RunAgent } from '@navisai/agent';
import type { Session } from '@navisai/protocol';
import type { RunRecord, StoreFeed, StoreKeeper } from '@navisai/store';
import type { FastifyBaseLogger } from 'fastify';
import type { Actor, Models, Profiles, Prompts, Toolbox } from '../agents.types.ts';
import type { AgentMessages } from '../conversation/agent-messages.ts';
import type { KeptOrder } from './run-order.ts';

export interface LiveRunParts {
  keeper: StoreKeeper;
  feed: StoreFeed;
  now: () => number;
  log: FastifyBaseLogger;
  instanceId: string;
  models: Models;
  profiles: Profiles;
  prompts: Prompts;
  toolbox: Toolbox;
  messages: AgentMessages;
  runAgent: RunAgent;
  /** Another loop than `runAgent` for this actor, such as that of an ACP agent. */
  loopFor?: ((actor: Actor) => RunAgent | undefined) | undefined;
  /** Tokens that the sub-agents of a run have used. */
  tokensBelow(runId: string): number;
  /** The answer of a call is kept: what its machine recorded of it may be forgotten (N7). */
  acknowledgeCall(call: { sessionId: string; callId: string }): void;
  /** Its state changed: what the session shows may be another. */
  onChange(sessionId: string): void;
}

export interface RunPlan {
  id: string;
  session: Session;
  /** Rejects NavisError where the run cannot be set up. */
  order(): Promise<KeptOrder>;
  parent: { runId: string; callId: string } | null;
  /** The run that it goes on with. */
  continues: RunRecord | null;
  /** Where its loop goes round; default: here. */
  loop?: RunAgent | undefined;
  onUnanswerable?: Actor['onUnanswerable'];
}
