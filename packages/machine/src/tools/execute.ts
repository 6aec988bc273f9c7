/** Executes one tool call; the seam never throws, every failure is a result (style, rule 13). */
import { NavisError } from '@navisai/protocol';
import type { ToolResult } from '@navisai/protocol';
import type { ToolCallRequest } from '../machine.types.ts';
import type { CallBook, CallUnderWay } from './call-book.ts';
import { failedBy } from './terminal/call-result.ts';
import type { Invocation, TerminalContext } from './terminal/terminal-context.types.ts';
import { callTerminalTool } from './terminal/terminal-tool.ts';
import { toolManual } from './tool-manual.ts';

type Tool = (context: TerminalContext, invocation: Invocation) => ToolResult | Promise<ToolResult>;

const tools = new Map<string, Tool>([
  ['terminal', callTerminalTool],
  ['tool_manual', (_context, { request }) => toolManual(request.arguments)],
]);

export interface ExecuteParts {
  context: TerminalContext;
  calls: CallBook;
  /** Told of what is not the caller's fault. */
  onUnexpected(error: unknown, request: ToolCallRequest): void;
}

export const executeCall = async (parts: ExecuteParts, request: ToolCallRequest): Promise<ToolResult> => {
  const { sessionId, callId } = request;
  try {
    return await parts.calls.once({ sessionId, callId }, () => begin(parts, request));
  } catch (error) {
    return failedBy(error, { call_id: callId, node_id: parts.context.nodeId });
  }
};

const begin = (parts: ExecuteParts, request: ToolCallRequest): CallUnderWay => {
  const abort = new AbortController();
  const invocation: Invocation = { request, warnings: [], signal: abort.signal, onSignal: undefined };
  return {
    sessionId: request.sessionId,
    abort,
    onSignal: async (signal) => {
      if (invocation.onSignal === undefined)
        throw new NavisError('NOT_FOUND', 'This call runs nothing that takes a signal.');
      await invocation.onSignal(signal);
    },
    result: perform(parts, invocation),
  };
};

const perform = async (parts: ExecuteParts, invocation: Invocation): Promise<ToolResult> => {
  const { request, warnings } = invocation;
  const result = await act(parts, invocation).catch((error: unknown) => {
    if (!(error instanceof NavisError)) parts.onUnexpected(error, request);
    return failedBy(error);
  });
  const facts = { call_id: request.callId, node_id: parts.context.nodeId };
  const metadata = { ...facts, ...result.metadata, ...(warnings.length === 0 ? {} : { warnings }) };
  return { ...result, metadata };
};

const act = async ({ context }: ExecuteParts, invocation: Invocation): Promise<ToolResult> => {
  const tool = tools.get(invocation.request.tool);
  if (tool === undefined) throw new NavisError('TOOL_UNKNOWN');
  return tool(context, invocation);
};
