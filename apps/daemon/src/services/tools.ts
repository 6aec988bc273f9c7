/** Tool calls of people: nobody is asked, for they ask themselves (A1). */
import {
  argumentError,
  callIdSchema,
  type Device,
  NavisError,
  newId,
  nodeIdSchema,
  type Session,
  type ToolResult,
} from '@navisai/protocol';
import { z } from 'zod';
import { asResult, failure, type PublishedTool, takeAddress, type ToolPath } from './tool-path.ts';

export interface ToolCall {
  session: Session;
  device: Pick<Device, 'userId'>;
  tool: string;
  arguments: unknown;
}

export interface Tools {
  list(): PublishedTool[];
  /**
   * Rejects NavisError TOOL_UNKNOWN, and HUB_UNREACHABLE when the hub leaves before the end of a call that goes on;
   * every judgement of the tool's schema is a result.
   */
  call(call: ToolCall): Promise<ToolResult>;
  /** Stops a call that the hub itself carries out; answers false when a machine does. */
  cancel(call: { sessionId: string; callId: string }): boolean;
}

const addressSchema = z.object({ node_id: nodeIdSchema.optional(), call_id: callIdSchema.optional() });

export const createTools = (path: ToolPath): Tools => ({
  list: () => [...path.tools],
  cancel: (call) => path.cancel(call),
  async call({ session, device, tool, arguments: given }) {
    if (!path.tools.some(({ name }) => name === tool)) throw new NavisError('TOOL_UNKNOWN');
    const { address, rest } = takeAddress(given);
    const parsed = addressSchema.safeParse(address);
    if (!parsed.success) return failure(argumentError(parsed.error));
    const { node_id: nodeId, call_id: callId = newId('call') } = parsed.data;
    const sessionId = session.id;
    const call = { sessionId, callId, tool, arguments: rest, nodeId };
    const request = { tool, arguments: rest, sessionId, callId, userId: device.userId, origin: 'person' } as const;
    const execute = async (): Promise<ToolResult> => path.execute(call, request, path.place(call));
    const result = await execute().catch(asResult);
    if (result.error?.code === 'HUB_UNREACHABLE') throw new NavisError('HUB_UNREACHABLE', result.error.message);
    return { ...result, metadata: { call_id: callId, ...result.metadata } };
  },
});
