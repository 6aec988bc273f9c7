/** Everything that the loop needs for one run: who acts, the prompt, the model, the tools; the context when it has begun. */
import type { AgentMessage, AgentModel, AgentTool, RunLimits } from '@navisai/agent';
import { unansweredCalls } from '@navisai/agent';
import { defaultProfileId, newId } from '@navisai/protocol';
import type { KeptMessage } from '@navisai/store';
import type { Actor } from '../agents.types.ts';
import { openCallsOf } from '../conversation/open-calls.ts';
import type { LiveRunParts, RunPlan } from './live-run.types.ts';
import { type KeptOrder, orderOf } from './run-order.ts';

export interface PreparedRun {
  order: KeptOrder;
  actor: Actor;
  system: string;
  model: AgentModel;
  tools: AgentTool[];
  limits: RunLimits;
  newCallId(): string;
}

/** What it begins with. */
export interface RunContext {
  messages: AgentMessage[];
  tools: AgentTool[];
}

/** It cannot be set up: the run is told of, and fails. */
export interface UnpreparedRun {
  profile: string;
  problem: unknown;
}

export const prepareRun = async (plan: RunPlan, parts: LiveRunParts): Promise<PreparedRun | UnpreparedRun> => {
  try {
    return await prepare(plan, parts);
  } catch (problem) {
    return { profile: plan.session.agent?.profile ?? defaultProfileId, problem };
  }
};

const prepare = async (plan: RunPlan, parts: LiveRunParts): Promise<PreparedRun> => {
  const { session, id: runId } = plan;
  const order = await plan.order();
  const actor: Actor = { ...order.actor, session, runId, onUnanswerable: plan.onUnanswerable };
  const tools = parts.toolbox.toolsFor(actor);
  return {
    order,
    actor,
    system: await parts.prompts.systemPrompt(actor, tools),
    model: parts.models.resolve(order.model),
    tools,
    limits: limitsOf(actor, parts),
    newCallId: () => newId('call'),
  };
};

interface Begun {
  kept: readonly KeptMessage[];
  parts: LiveRunParts;
}

export const withContext = async ({ actor, tools }: PreparedRun, { kept, parts }: Begun): Promise<RunContext> => {
  const messages = await parts.messages.read(kept);
  const open = new Map(unansweredCalls(messages).map(({ callId, tool }) => [callId, tool]));
  return { messages, tools: open.size === 0 ? tools : await withOpenCalls({ open, actor, kept, parts }) };
};

/** What its sub-agents use counts as its own: read before each turn. */
const limitsOf = ({ profile, runId }: Actor, { tokensBelow }: LiveRunParts): RunLimits => ({
  maxTurns: profile.max_iterations,
  get maxTokens() {
    return profile.token_budget === undefined ? undefined : profile.token_budget - tokensBelow(runId ?? '');
  },
});

interface OpenCalls {
  /** Their tools by their ids. */
  open: ReadonlyMap<string, string>;
  actor: Actor;
  kept: readonly KeptMessage[];
  parts: LiveRunParts;
}

/** A call that was begun before is asked for where it was begun, whatever the session's settings are now. */
const withOpenCalls = async ({ open, actor, kept, parts: { toolbox, keeper } }: OpenCalls): Promise<AgentTool[]> => {
  const { nodeId, directory } = (await askedWith(kept, keeper)) ?? actor;
  const called = new Set(open.values());
  const before = new Map(toolbox.toolsFor({ ...actor, nodeId, directory }, called).map((tool) => [tool.name, tool]));
  return toolbox.toolsFor(actor, called).map((tool) => ({
    ...tool,
    execute(call) {
      if (!open.has(call.callId)) return tool.execute(call);
      const repeat = { ...call, isRepeat: true };
      return (before.get(tool.name) ?? tool).execute(repeat);
    },
  }));
};

/** Of the run that asked for the open calls: others may have gone on with them since, and were left as well. */
const askedWith = async (
  kept: readonly KeptMessage[],
  keeper: LiveRunParts['keeper'],
): Promise<KeptOrder['actor'] | undefined> => {
  const asking = kept.findLast((message) => openCallsOf([message]).length > 0);
  const run = await keeper.store.read.conversations.run(asking?.runId ?? '');
  return run === undefined ? undefined : orderOf(run)?.actor;
};
