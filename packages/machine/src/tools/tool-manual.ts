/** The tool `tool_manual`: gives agents the manual of a tool (T28). */
import { argumentError, toolManuals, toolManualSchema } from '@navisai/protocol';
import type { ToolResult } from '@navisai/protocol';
import { succeeded } from './terminal/call-result.ts';
import type { PlanCall } from './tool.types.ts';

/** Throws INVALID_ARGUMENT. */
export const planToolManual: PlanCall = (_context, { request }) => {
  const parsed = toolManualSchema.safeParse(request.arguments);
  if (!parsed.success) throw argumentError(parsed.error);
  const { tool = 'terminal' } = parsed.data;
  const act = (): ToolResult => succeeded(toolManuals[tool](), { tool });
  return { action: null, access: 'read', summary: tool, isJournaled: false, act };
};
