/** The tools as they are published to models, clients and at `/docs` (T2, T28). */
import { z } from 'zod';
import { terminalToolDescription, terminalToolSchema } from './terminal-tool.ts';

/** Tools that have a manual. */
export const toolsWithManual = ['terminal'] as const;

export const toolManualSchema = z.strictObject({
  tool: z
    .enum(toolsWithManual, { error: `must be one of ${toolsWithManual.join(', ')}` })
    .optional()
    .describe("Name of the tool; default 'terminal'."),
});

export const toolManualDescription =
  'Returns the manual of a tool: its modes, actions, parameters, limits, examples, when to use what, and safety.';

export interface ToolDefinition {
  name: string;
  description: string;
  schema: z.ZodType;
}

export const toolDefinitions: readonly ToolDefinition[] = [
  { name: 'terminal', description: terminalToolDescription, schema: terminalToolSchema },
  { name: 'tool_manual', description: toolManualDescription, schema: toolManualSchema },
];
