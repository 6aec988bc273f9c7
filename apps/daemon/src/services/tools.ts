/** Tool calls of people: the same door to the machines that an agent will use. */
import {
  argumentError,
  callIdSchema,
  type Device,
  type ErrorCode,
  errorTable,
  mainNodeId,
  NavisError,
  newId,
  nodeIdSchema,
  type Session,
  toErrorBody,
  toolDefinitions,
  type ToolResult,
} from '@navisai/protocol';
import type { ToolCallRequest } from '@navisai/machine';
import { z } from 'zod';
import type { Nodes } from '../nodes/nodes.ts';
import { createCopyBetween } from './copy-between.ts';
import { withRemoteTerminals } from './list-everywhere.ts';
import { createToolPlaces, type PlacedCall } from './tool-places.ts';

export interface ToolCall {
  session: Session;
  device: Device;
  tool: string;
  arguments: unknown;
}

export interface Tools {
  list(): { name: string; description: string; schema: Record<string, unknown> }[];
  /**
   * Rejects NavisError TOOL_UNKNOWN, and HUB_UNREACHABLE when the hub leaves before the end of a call that goes on;
   * every judgement of the tool's schema is a result.
   */
  call(call: ToolCall): Promise<ToolResult>;
  /** Stops a call that the hub itself carries out; answers false when a machine does. */
  cancel(call: { sessionId: string; callId: string }): boolean;
}

const addressSchema = z.object({ node_id: nodeIdSchema.optional(), call_id: callIdSchema.optional() });

export const createTools = ({ fleet, registry }: Pick<Nodes, 'fleet' | 'registry'>): Tools => {
  const list = toolDefinitions.map((tool) => ({ ...tool, schema: publish(tool.schema) }));
  const places = createToolPlaces({ fleet, registry });
  const copies = createCopyBetween({ fleet, places });

  /** The answer of the machine that the call goes to. Throws NavisError. */
  const execute = async (call: PlacedCall, request: ToolCallRequest): Promise<ToolResult> => {
    const node = places.choose(call);
    const copy = copies.start(call, request, node);
    if (copy !== undefined) return copy;
    using _place = places.reserve(call, node);
    const result = await fleet.executeOn(node.id, request);
    const placed = { ...result, metadata: { node_id: node.id, ...result.metadata } };
    if (call.tool !== 'terminal' || call.nodeId !== undefined || actionOf(call.arguments) !== 'list') return placed;
    const remote = fleet.terminals(call.sessionId).filter(({ nodeId }) => nodeId !== mainNodeId);
    return withRemoteTerminals(placed, { remote, nameOf: (nodeId) => registry.find(nodeId)?.name ?? nodeId });
  };

  return {
    list: () => list,
    cancel: (call) => copies.cancel(call),
    async call({ session, device, tool, arguments: given }) {
      if (!list.some(({ name }) => name === tool)) throw new NavisError('TOOL_UNKNOWN');
      const { address, rest } = takeAddress(given);
      const parsed = addressSchema.safeParse(address);
      if (!parsed.success) return failure(argumentError(parsed.error));
      const { node_id: nodeId, call_id: callId = newId('call') } = parsed.data;
      const sessionId = session.id;
      const call = { sessionId, callId, tool, arguments: rest, nodeId };
      const request = { tool, arguments: rest, sessionId, callId, userId: device.userId, origin: 'person' } as const;
      const result = await execute(call, request).catch(asResult);
      if (result.error?.code === 'HUB_UNREACHABLE') throw new NavisError('HUB_UNREACHABLE', result.error.message);
      return { ...result, metadata: { call_id: callId, ...result.metadata } };
    },
  };
};

const actionOf = (given: unknown): unknown =>
  typeof given === 'object' && given !== null && 'action' in given ? given.action : undefined;

/** What the table tells as the result of a call is one; the rest is a failed request. */
const asResult = (error: unknown): ToolResult => {
  const isJudged = (code: ErrorCode): boolean => code === 'INVALID_ARGUMENT' || errorTable[code].http === 200;
  if (error instanceof NavisError && isJudged(error.code)) return failure(error);
  throw error;
};

const publish = (schema: z.ZodType): Record<string, unknown> => z.toJSONSchema(schema) as Record<string, unknown>;

/** Parts what addresses the call from the tool's own arguments. */
const takeAddress = (given: unknown): { address: object; rest: unknown } => {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return { address: {}, rest: given };
  const { node_id, call_id, ...rest } = given as Record<string, unknown>;
  return { address: { node_id, call_id }, rest };
};

const failure = (error: NavisError): ToolResult => {
  const { code, message, field } = toErrorBody(error);
  return {
    success: false,
    output: '',
    error: { code, message, ...(field === undefined ? {} : { field }) },
    metadata: {},
  };
};
