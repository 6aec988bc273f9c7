/** Puts together what talks to agents and tools of others: MCP both ways, and ACP agents (I19, I20). */
import type { RunAgent } from '@navisai/agent';
import type { AcpAgentInfo } from '@navisai/protocol';
import type { StoreFeed, StoreKeeper } from '@navisai/store';
import type { FastifyBaseLogger } from 'fastify';
import type { Nodes } from '../nodes/nodes.ts';
import type { Sessions } from '../services/sessions.ts';
import type { Config } from '../settings/config.ts';
import { listAcpAgents } from './acp/acp-agents.ts';
import { AcpRuns } from './acp/acp-loop.ts';
import type { Actor, CallGate } from './agents.types.ts';
import type { Agents } from './create-agents.ts';
import { CallsUnderWay } from './mcp/calls-under-way.ts';
import type { MaskProgram } from './mcp/mcp-connection.ts';
import { McpServers } from './mcp/mcp-servers.ts';
import { createMcpTokens, type McpTokens } from './mcp/mcp-tokens.ts';

export interface PeersParts extends Pick<Config, 'mcpServers' | 'acpAgents'> {
  /** Hides Navis's own state from what the hub starts for agents (A7). */
  mask: MaskProgram;
  keeper: StoreKeeper;
  feed: StoreFeed;
  sessions: Sessions;
  nodes: Nodes;
  agents: Agents;
  gate: CallGate;
  /** The home directory of the person. */
  personHome: string;
  version: string;
  now: () => number;
  log: FastifyBaseLogger;
}

export interface Peers extends AsyncDisposable {
  mcpTokens: McpTokens;
  mcpCalls: CallsUnderWay;
  mcpServers: McpServers;
  acp: AcpRuns;
  /** Those that a conversation can be begun with. */
  acpAgents: readonly AcpAgentInfo[];
  /** For an actor whose session is with an ACP agent. */
  loopFor(actor: Actor): RunAgent | undefined;
  /** Connects; to be called once the machine has started. */
  start(): void;
}

export const createPeers = (parts: PeersParts): Peers => {
  const { agents, nodes, mcpServers: servers, acpAgents: configured } = parts;
  const { toolbox, calls } = agents;
  const mcpCalls = new CallsUnderWay();
  const mcpTokens = createMcpTokens({ ...parts, onRevoked: (id) => mcpCalls.endOf(id) });
  const mcpServers = new McpServers({ ...parts, servers, toolbox });
  const plan = () => toolbox.find('plan');
  const onWaiting = (actor: Actor, callId: string, isWaiting: boolean) =>
    agents.runs.setWaiting(actor.runId, callId, isWaiting);
  const acp = new AcpRuns({ ...parts, fleet: nodes.fleet, calls, onWaiting, plan, configured });
  return {
    mcpTokens,
    mcpCalls,
    mcpServers,
    acp,
    acpAgents: listAcpAgents(configured),
    loopFor(actor) {
      const agent = actor.depth === 0 ? (actor.session.agent?.acpAgent ?? null) : null;
      return agent === null ? undefined : acp.loop({ ...actor, requester: { kind: 'acp', name: agent } }, agent);
    },
    start: () => mcpServers.start(),
    async [Symbol.asyncDispose]() {
      await Promise.all([mcpServers[Symbol.asyncDispose](), acp[Symbol.asyncDispose]()]);
    },
  };
};
