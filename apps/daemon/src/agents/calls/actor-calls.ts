/** Calls that no person made: placed, decided about, carried out, and ended with whoever asked (N5, A1, A3). */
import {
  argumentError,
  mainNodeId,
  NavisError,
  nodeIdSchema,
  type BoundCall,
  type ToolResult,
} from '@navisai/protocol';
import type { FastifyBaseLogger } from 'fastify';
import { z } from 'zod';
import type { Fleet } from '../../nodes/fleet.ts';
import type { PlacedCall } from '../../services/tool-places.ts';
import { actionOf, asResult, failure, takeAddress, type ToolPath } from '../../services/tool-path.ts';
import type { Actor, ActorCall, ActorCalls, CallGate, HubTool, Toolbox } from '../agents.types.ts';
import { cancelled, endsWithSignal } from './ends-with-signal.ts';
import { announceCall } from './announce-call.ts';
import type { HubCalls } from './hub-calls.ts';
import { carriedOutBy } from './remote-tools.ts';
import { waitForReturn } from './wait-for-return.ts';

export interface ActorCallsParts {
  path: ToolPath;
  toolbox: Toolbox;
  gate: CallGate;
  fleet: Fleet;
  log: FastifyBaseLogger;
  hubCalls: HubCalls;
  /** Told when a call of this actor begins and ends to wait for a person. */
  onWaiting(actor: Actor, callId: string, isWaiting: boolean): void;
  onNodeConnected(listener: () => void): () => void;
}

const addressSchema = z.object({ node_id: nodeIdSchema.optional() });

export const createActorCalls = (parts: ActorCallsParts): ActorCalls => ({
  async execute(actor, call) {
    try {
      const result = await carryOut(parts, actor, call);
      return { ...result, metadata: { call_id: call.callId, ...result.metadata } };
    } catch (error) {
      return unexpected(parts, call, error);
    }
  },
});

const carryOut = async (parts: ActorCallsParts, actor: Actor, call: ActorCall): Promise<ToolResult> => {
  const { toolbox, path } = parts;
  const tool = toolbox.find(call.tool);
  if (tool !== undefined) return inHub(parts, { actor, call, tool });
  const isOfMachines = path.tools.some(({ name }) => name === carriedOutBy(call.tool).tool);
  return isOfMachines || call.isRepeat !== true ? onMachine(parts, actor, call) : inHubWhenBack(parts, actor, call);
};

const onMachine = async (parts: ActorCallsParts, actor: Actor, asked: ActorCall): Promise<ToolResult> => {
  const { path, fleet } = parts;
  const { callId, arguments: given, signal } = asked;
  const { tool, needsNode } = carriedOutBy(asked.tool);
  if (!path.tools.some(({ name }) => name === tool)) throw new NavisError('TOOL_UNKNOWN', `There is no tool ${tool}.`);
  const { address, rest } = takeAddress(given);
  const parsed = addressSchema.safeParse(address);
  if (!parsed.success) throw argumentError(parsed.error);
  const { node_id: nodeId } = parsed.data;
  if (needsNode && nodeId === undefined)
    throw new NavisError('INVALID_ARGUMENT', 'node_id: is required. Nothing was started.', { field: 'node_id' });
  const ref = { sessionId: actor.session.id, callId };
  const placed = { ...ref, tool, arguments: rest, nodeId, defaultNodeId: actor.nodeId ?? undefined };
  const node = await placeWhenBack(parts, placed, asked);
  const isAtHome = node.id === (actor.nodeId ?? mainNodeId);
  const complete = isAtHome ? withDirectory(tool, rest, actor.directory) : rest;
  const call: BoundCall = { ...ref, userId: actor.userId, nodeId: node.id, tool, arguments: complete };
  const answer = await parts.gate.authorise({
    actor,
    call,
    signal,
    onWaiting: (isWaiting) => parts.onWaiting(actor, callId, isWaiting),
  });
  if (answer.kind === 'refused') return answer.result;
  if (signal.aborted) return cancelled();
  const { authority, isUnmasked } = answer;
  const request = {
    ...ref,
    tool,
    arguments: complete,
    userId: actor.userId,
    origin: 'agent' as const,
    approvals: actor.approvals,
    isUnmasked,
    ...(authority === null ? {} : { authority }),
  };
  return endsWithSignal(path.execute({ ...placed, arguments: complete }, request, node), {
    signal,
    cancel: async () => {
      if (!path.cancel(ref)) await fleet.cancelCall(ref);
    },
  });
};

/** After a restart of the hub its nodes need a moment to be back. */
const placeWhenBack = async (parts: ActorCallsParts, call: PlacedCall, { isRepeat, signal }: ActorCall) => {
  const { path, onNodeConnected } = parts;
  const waiting = waitForReturn(onNodeConnected, signal);
  for (;;) {
    try {
      return path.place(call);
    } catch (error) {
      const isAway = error instanceof NavisError && error.code === 'NODE_OFFLINE';
      if (isRepeat !== true || !isAway || !(await waiting.next())) throw error;
    }
  }
};

/** So do the MCP servers of its configuration. */
const inHubWhenBack = async (parts: ActorCallsParts, actor: Actor, call: ActorCall): Promise<ToolResult> => {
  const { hubCalls, toolbox } = parts;
  const earlier = await hubCalls.earlier({ sessionId: actor.session.id, callId: call.callId });
  if (earlier !== undefined) return endsWithSignal(earlier(), { signal: call.signal });
  const waiting = waitForReturn(toolbox.onRegistered, call.signal);
  for (;;) {
    const tool = toolbox.find(call.tool);
    if (tool !== undefined) return inHub(parts, { actor, call, tool });
    if (!(await waiting.next()))
      throw new NavisError('TOOL_UNKNOWN', `There is no tool ${call.tool} now. Nothing was done.`);
  }
};

interface CallInHub {
  actor: Actor;
  call: ActorCall;
  tool: HubTool;
}

const inHub = async (parts: ActorCallsParts, { actor, call, tool }: CallInHub): Promise<ToolResult> => {
  const given = judge(tool, call.arguments);
  const likeMachine = tool.decidedAs?.(actor, given);
  const ref = { sessionId: actor.session.id, callId: call.callId };
  const risk = tool.risk(given);
  const earlier = risk === 'reading' ? undefined : await parts.hubCalls.earlier(ref);
  if (earlier !== undefined) return endsWithSignal(earlier(), { signal: call.signal });
  const bound: BoundCall = {
    ...ref,
    userId: actor.userId,
    ...(likeMachine ?? { nodeId: mainNodeId, tool: tool.name, arguments: given }),
  };
  const answer = await parts.gate.authorise({
    actor,
    call: bound,
    ...(likeMachine === undefined ? { risk } : {}),
    signal: call.signal,
    onWaiting: (isWaiting) => parts.onWaiting(actor, call.callId, isWaiting),
  });
  if (answer.kind === 'refused') return answer.result;
  if (call.signal.aborted) return cancelled();
  return actInHub(parts, { actor, call: { ...call, arguments: given }, tool, isOnce: risk !== 'reading' });
};

/** What only reads, or finds what it did, needs no record. */
const actInHub = async (
  parts: ActorCallsParts,
  { actor, call, tool, isOnce }: CallInHub & { isOnce: boolean },
): Promise<ToolResult> => {
  const { signal, callId } = call;
  const work = (): Promise<ToolResult> => tool.execute(actor, call);
  const ref = { sessionId: actor.session.id, callId };
  const tellEnd = announceCall(parts.fleet, { actor, call });
  const acting = isOnce ? parts.hubCalls.once(ref, { signal, work }) : work();
  const result = await endsWithSignal(acting, { signal }).catch((error: unknown) => unexpected(parts, call, error));
  tellEnd(result);
  return result;
};

/** Throws NavisError INVALID_ARGUMENT. */
const judge = ({ schema }: HubTool, given: unknown): unknown => {
  if ('json' in schema) return given;
  const parsed = schema.safeParse(given);
  if (!parsed.success) throw argumentError(parsed.error);
  return parsed.data;
};

const directoryActions: Readonly<Record<string, ReadonlySet<unknown> | 'all'>> = {
  terminal: new Set(['run', 'open']),
  filesystem: 'all',
  code_exec: 'all',
  ssh_exec: 'all',
};

/** Calls that name no directory begin in that of the session; one inside of an open shell begins where that shell is. */
const withDirectory = (tool: string, given: unknown, directory: string | null): unknown => {
  const actions = directoryActions[tool];
  if (directory === null || actions === undefined || typeof given !== 'object' || given === null) return given;
  const action = actionOf(given);
  if ((actions !== 'all' && !actions.has(action)) || 'working_dir' in given) return given;
  if (tool === 'terminal' && action === 'run' && 'terminal_name' in given) return given;
  return { ...given, working_dir: directory };
};

const unexpected = ({ log }: ActorCallsParts, { tool, callId }: ActorCall, error: unknown): ToolResult => {
  try {
    return asResult(error);
  } catch {
    if (!(error instanceof NavisError)) log.error({ err: error, tool, callId }, 'a call of an agent broke');
    return failure(error);
  }
};
