/** Puts together what serves agents in the hub: tools, the path of their calls, runs, conversations. */
import { runAgent } from '@navisai/agent';
import type { Session } from '@navisai/protocol';
import type { StoreFeed, StoreKeeper } from '@navisai/store';
import type { FastifyBaseLogger } from 'fastify';
import type { Nodes } from '../nodes/nodes.ts';
import type { Sessions } from '../services/sessions.ts';
import { createToolPath } from '../services/tool-path.ts';
import { createTools, type Tools } from '../services/tools.ts';
import type { Actor, ActorCalls, CallGate, Models, Profiles, Prompts, Toolbox } from './agents.types.ts';
import { createActorCalls } from './calls/actor-calls.ts';
import { HubCalls } from './calls/hub-calls.ts';
import { createToolbox } from './calls/toolbox.ts';
import { type AgentMessages, createAgentMessages } from './conversation/agent-messages.ts';
import { type AgentSetup, createAgentSetup } from './conversation/agent-settings.ts';
import { Commands } from './conversation/commands.ts';
import { type Contents, createContents } from './conversation/contents.ts';
import { Conversations } from './conversation/conversations.ts';
import { createContentPublishTool } from './hub-tools/content-publish.ts';
import { createPlanTool } from './hub-tools/plan.ts';
import { createToolManualTool } from './hub-tools/tool-manual.ts';
import type { LiveRunParts } from './runs/live-run.types.ts';
import { createPrompts } from './runs/prompts.ts';
import { recoverRuns } from './runs/recover-runs.ts';
import { SessionRuns } from './runs/session-runs.ts';
import { SubAgents } from './sub-agents/sub-agents.ts';

export interface AgentsParts {
  keeper: StoreKeeper;
  feed: StoreFeed;
  now: () => number;
  log: FastifyBaseLogger;
  instanceId: string;
  nodes: Nodes;
  sessions: Sessions;
  models: Models;
  profiles: Profiles;
  gate: CallGate;
  contentsFolder: string;
  /** Another loop than the hub's own, such as that of an ACP agent. */
  loopFor?: LiveRunParts['loopFor'];
}

export interface Agents {
  tools: Tools;
  toolbox: Toolbox;
  calls: ActorCalls;
  runs: SessionRuns;
  conversations: Conversations;
  contents: Contents;
  messages: AgentMessages;
  prompts: Prompts;
  setup: AgentSetup;
  /** With what its agent does now. */
  describe(session: Session): Session;
  /** Marks what was left without an end, and goes on with what waits for a person; to be called when the machine has started. */
  start(): Promise<void>;
  /** The hub leaves: what runs is marked as interrupted, and what it started goes on. */
  leave(): Promise<void>;
}

export const createAgents = (parts: AgentsParts): Agents => {
  const { keeper, feed, now, log, nodes, profiles, sessions } = parts;
  const { fleet, registry } = nodes;
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const path = createToolPath(nodes);
  const tools = createTools(path);
  const contents = createContents({ ...parts, folder: parts.contentsFolder });
  const messages = createAgentMessages(contents);
  const prompts = createPrompts({ profiles, registry, keeper, feed, now, timeZone });
  const setup = createAgentSetup({ feed, profiles, registry });
  const toolbox = createToolbox({ machineTools: path.tools, calls: () => calls });
  const hubCalls = new HubCalls({ keeper, feed, now, log });
  const calls: ActorCalls = createActorCalls({
    hubCalls,
    path,
    toolbox,
    gate: parts.gate,
    fleet,
    log,
    onWaiting: (actor: Actor, callId, isWaiting) => {
      runs.setWaiting(actor.runId, callId, isWaiting);
      if (actor.runId !== null) subAgents.setWaiting(actor.runId, callId, isWaiting);
    },
    onNodeConnected: (listener) => nodes.onConnected(listener),
  });
  const describe = (session: Session): Session =>
    session.agent === undefined ? session : { ...session, activity: runs.activityOf(session.id) };
  const onActivity = (sessionId: string): void => void tellActivity(parts, { sessionId, describe });
  const subAgents = new SubAgents({ keeper, profiles, toolbox, nodes, runs: () => runs });
  const tokensBelow = (runId: string): number => subAgents.tokensBelow(runId);
  const runs: SessionRuns = new SessionRuns({
    ...parts,
    registry,
    prompts,
    toolbox,
    messages,
    runAgent,
    acknowledgeCall(call) {
      hubCalls.acknowledge(call);
      fleet.acknowledgeCall(call);
    },
    tokensBelow,
    onActivity,
  });
  const { configure } = setup;
  const commands = new Commands({ ...parts, registry, runs, tools, fleet, configure });
  const conversations = new Conversations({ ...parts, fleet, runs, contents, commands, rename: sessions.rename });
  toolbox.register(createPlanTool(feed));
  toolbox.register(createToolManualTool(toolbox));
  toolbox.register(subAgents.tool);
  toolbox.register(createContentPublishTool({ fleet, registry, contents, feed }));
  return {
    tools,
    toolbox,
    calls,
    runs,
    conversations,
    contents,
    messages,
    prompts,
    setup,
    describe,
    start: () => recoverRuns({ ...parts, runs, isUnderWay: (id) => runs.isUnderWay(id) || commands.isUnderWay(id) }),
    leave: () => runs.leave(),
  };
};

interface ActivityOf {
  sessionId: string;
  describe(session: Session): Session;
}

/** Not kept: what is true when somebody looks is told with the session. */
const tellActivity = async (
  { keeper, feed, now, log }: AgentsParts,
  { sessionId, describe }: ActivityOf,
): Promise<void> => {
  try {
    const session = await keeper.store.read.sessions.get(sessionId);
    if (session === undefined) return;
    const data = { change: 'activity' as const, session: describe(session) };
    feed.publish(sessionId, { type: 'session.update', sessionId, data, timestamp: new Date(now()).toISOString() });
  } catch (error) {
    log.warn({ err: error, sessionId }, 'what an agent does could not be told');
  }
};
