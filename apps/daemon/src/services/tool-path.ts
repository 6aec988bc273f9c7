/**
 * The one path of every tool call to the machines, of people and of agents: where it goes (N5), copies between nodes,
 * execution. Only who decides about it before differs.
 */
import type { ToolCallRequest } from '@navisai/machine';
import {
  type ErrorCode,
  errorTable,
  mainNodeId,
  NavisError,
  toErrorBody,
  toolDefinitions,
  type ToolResult,
} from '@navisai/protocol';
import type { NodeRecord } from '@navisai/store';
import { z } from 'zod';
import type { Nodes } from '../nodes/nodes.ts';
import { createCopyBetween } from './copy-between.ts';
import { withRemoteTerminals } from './list-everywhere.ts';
import { createToolPlaces, type PlacedCall } from './tool-places.ts';

export interface PublishedTool {
  name: string;
  description: string;
  schema: Record<string, unknown>;
}

export interface ToolPath {
  /** Tools that machines carry out. */
  readonly tools: readonly PublishedTool[];
  /** Throws NavisError NODE_UNKNOWN, NODE_OFFLINE or NODE_DRAINING. */
  place(call: PlacedCall): NodeRecord;
  /** The answer of that machine. Rejects NavisError where it could not be asked. */
  execute(call: PlacedCall, request: ToolCallRequest, node: NodeRecord): Promise<ToolResult>;
  /** Stops a call that the hub itself carries out; answers false when a machine does. */
  cancel(call: { sessionId: string; callId: string }): boolean;
}

export const createToolPath = ({ fleet, registry }: Pick<Nodes, 'fleet' | 'registry'>): ToolPath => {
  const places = createToolPlaces({ fleet, registry });
  const copies = createCopyBetween({ fleet, places });
  return {
    tools: toolDefinitions.map((tool) => ({ ...tool, schema: publishSchema(tool.schema) })),
    place: (call) => places.choose(call),
    cancel: (call) => copies.cancel(call),
    async execute(call, request, node) {
      const copy = copies.start(call, request, node);
      if (copy !== undefined) return copy;
      using _place = places.reserve(call, node);
      const result = await fleet.executeOn(node.id, request);
      const placed = { ...result, metadata: { node_id: node.id, ...result.metadata } };
      if (call.tool !== 'terminal' || call.nodeId !== undefined || actionOf(call.arguments) !== 'list') return placed;
      const remote = fleet.terminals(call.sessionId).filter(({ nodeId }) => nodeId !== mainNodeId);
      return withRemoteTerminals(placed, { remote, nameOf: (nodeId) => registry.find(nodeId)?.name ?? nodeId });
    },
  };
};

/** Of tools whose parameters depend on their action. */
export const actionOf = (given: unknown): unknown =>
  typeof given === 'object' && given !== null && 'action' in given ? given.action : undefined;

export const publishSchema = (schema: z.ZodType): Record<string, unknown> =>
  z.toJSONSchema(schema) as Record<string, unknown>;

/** What the table tells as the result of a call is one; throws the rest again. */
export const asResult = (error: unknown): ToolResult => {
  const isJudged = (code: ErrorCode): boolean => code === 'INVALID_ARGUMENT' || errorTable[code].http === 200;
  if (error instanceof NavisError && isJudged(error.code)) return failure(error);
  throw error;
};

export const failure = (error: unknown): ToolResult => {
  const { code, message, field } = toErrorBody(error);
  return {
    success: false,
    output: '',
    error: { code, message, ...(field === undefined ? {} : { field }) },
    metadata: {},
  };
};

/** Parts what addresses the call from the tool's own arguments. */
export const takeAddress = (given: unknown): { address: object; rest: unknown } => {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return { address: {}, rest: given };
  const { node_id, call_id, ...rest } = given as Record<string, unknown>;
  return { address: { node_id, call_id }, rest };
};
