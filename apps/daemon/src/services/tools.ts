/** Tool calls of people: the same door to the machine that an agent will use. */
import {
  argumentError,
  callIdSchema,
  type Device,
  mainNodeId,
  NavisError,
  newId,
  nodeIdSchema,
  type Session,
  toErrorBody,
  toolDefinitions,
  type ToolResult,
} from '@navisai/protocol';
import type { Machine } from '@navisai/machine';
import { z } from 'zod';

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
}

const addressSchema = z.object({ node_id: nodeIdSchema.optional(), call_id: callIdSchema.optional() });

export const createTools = (machine: Machine): Tools => {
  const list = toolDefinitions.map((tool) => ({ ...tool, schema: publish(tool.schema) }));
  return {
    list: () => list,
    async call({ session, device, tool, arguments: given }) {
      if (!list.some(({ name }) => name === tool)) throw new NavisError('TOOL_UNKNOWN');
      const { address, rest } = takeAddress(given);
      const parsed = addressSchema.safeParse(address);
      if (!parsed.success) return failure(argumentError(parsed.error));
      const { node_id: nodeId = mainNodeId, call_id: callId = newId('call') } = parsed.data;
      if (nodeId !== mainNodeId)
        return failure(
          new NavisError('NODE_UNKNOWN', `There is no node ${JSON.stringify(nodeId)}.`, { field: 'node_id' }),
        );
      const call = {
        tool,
        arguments: rest,
        sessionId: session.id,
        callId,
        userId: device.userId,
        origin: 'person',
      } as const;
      const result = await machine.execute(call);
      if (result.error?.code === 'HUB_UNREACHABLE') throw new NavisError('HUB_UNREACHABLE', result.error.message);
      return { ...result, metadata: { call_id: callId, node_id: nodeId, ...result.metadata } };
    },
  };
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
