/** The tool `tool_manual`: gives agents the manual of a tool (T28). */
import { argumentError, terminalManual, toolManualSchema } from '@navisai/protocol';
import type { ToolResult } from '@navisai/protocol';
import { succeeded } from './terminal/call-result.ts';

const manuals = { terminal: terminalManual } as const;

/** Throws INVALID_ARGUMENT. */
export const toolManual = (input: unknown): ToolResult => {
  const parsed = toolManualSchema.safeParse(input);
  if (!parsed.success) throw argumentError(parsed.error);
  const { tool = 'terminal' } = parsed.data;
  return succeeded(manuals[tool](), { tool });
};
