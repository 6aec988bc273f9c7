/** Routes about tool calls, their outputs, and the bytes of terminals (T3, requirements "Details"). */
import { maxHistoryReadBytes, NavisError } from '@navisai/protocol';
import type { Handlers } from '../http/handler.types.ts';
import type { Hub } from '../hub.ts';
import type { NodeRegistry } from '../nodes/registry.ts';
import type { Sessions } from '../services/sessions.ts';
import type { Tools } from '../services/tools.ts';

export type ToolHandlers = Pick<Handlers, 'tools' | 'callTool' | 'signalCall' | 'output' | 'terminalHistory'>;

export interface ToolHandlerParts {
  hub: Hub;
  sessions: Sessions;
  tools: Tools;
  registry: NodeRegistry;
}

const defaultReadBytes = 1024 * 1024;

export const toolHandlers = ({ hub, sessions, tools, registry }: ToolHandlerParts): ToolHandlers => {
  /** Where the caller says that it runs. */
  const placeOf = (node: string | undefined): { nodeId?: string } =>
    node === undefined ? {} : { nodeId: registry.require(node).id };
  return {
    tools: () => ({ tools: tools.list() }),

    async callTool({ params, body, device }) {
      const session = await sessions.visible(device, params.id);
      const { closings } = sessions;
      const result = await tools.call({ session, device, tool: params.tool, arguments: body });
      // Closed while this call was opening something in it.
      if (sessions.closings !== closings && !(await sessions.isOpen(session.id)))
        await hub.machine.closeSession(session.id, 'The session was closed.');
      return result;
    },

    async signalCall({ params, body, device }) {
      const session = await sessions.visible(device, params.id);
      if (tools.cancel({ sessionId: session.id, callId: params.callId })) return;
      const place = placeOf(body.nodeId);
      await hub.machine.signalCall({ sessionId: session.id, callId: params.callId, signal: body.signal, ...place });
    },

    async output({ params, query, device, header }) {
      const session = await sessions.visible(device, params.id);
      const maxBytes = Math.min(query.limit ?? defaultReadBytes, maxHistoryReadBytes);
      const place = placeOf(query.node);
      const request = { sessionId: session.id, callId: params.callId, from: query.from ?? 0, maxBytes, ...place };
      const { offset, bytes, endOffset } = await hub.machine.readOutput(request);
      header('navis-offset', String(offset));
      header('navis-next-offset', String(offset + bytes.length));
      header('navis-end-offset', String(endOffset));
      return new Uint8Array(bytes);
    },

    async terminalHistory({ params, query, device, header }) {
      const session = await sessions.visible(device, params.id);
      const terminal = hub.machine.terminal(params.terminalId);
      if (terminal?.sessionId !== session.id)
        throw new NavisError('NOT_FOUND', 'There is no such terminal in this session.');
      const maxBytes = Math.min(query.limit ?? defaultReadBytes, maxHistoryReadBytes);
      const read = await hub.machine.readHistory({
        terminalId: terminal.id,
        from: query.from ?? terminal.firstOffset,
        maxBytes,
      });
      header('navis-offset', String(read.offset));
      header('navis-next-offset', String(read.offset + read.bytes.length));
      header('navis-first-offset', String(read.firstOffset));
      header('navis-end-offset', String(read.endOffset));
      return new Uint8Array(read.bytes);
    },
  };
};
