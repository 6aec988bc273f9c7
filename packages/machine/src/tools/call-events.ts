/** Tells viewers of a session that a tool call began and ended on this machine (N9). */
import type { ToolResult } from '@navisai/protocol';
import type { ToolCallRequest } from '../machine.types.ts';
import { shortForDisplay } from '../plain-text/escape-for-display.ts';
import type { TerminalContext } from './terminal/terminal-context.types.ts';
import type { PlannedCall } from './tool.types.ts';

const maxSummaryLength = 500;

type Teller = Pick<TerminalContext, 'emit' | 'nodeId'>;

export const tellStart = ({ emit, nodeId }: Teller, request: ToolCallRequest, plan: PlannedCall): void => {
  const { callId, tool, sessionId, userId, origin } = request;
  const { action } = plan;
  const summary = shortForDisplay(plan.summary, maxSummaryLength);
  emit({ type: 'tool_started', sessionId, data: { callId, tool, action, summary, nodeId, userId, origin } });
};

export const tellEnd = (
  { emit, nodeId }: Teller,
  { callId, tool, sessionId }: ToolCallRequest,
  { result, durationMs }: { result: ToolResult; durationMs: number },
): void => {
  const { success, error, metadata } = result;
  const facts = { callId, tool, nodeId, success, error: error?.code ?? null, exitCode: metadata.exit_code ?? null };
  emit({ type: 'tool_call', sessionId, data: { ...facts, durationMs } });
};
