/** The tools as they are published to models, clients and at `/docs` (T2, T28). */
import { z } from 'zod';
import { codeExecToolDescription, codeExecToolSchema } from './code-exec-tool.ts';
import { filesystemToolDescription, filesystemToolSchema } from './filesystem-tool.ts';
import { sshExecToolDescription, sshExecToolSchema } from './ssh-exec-tool.ts';
import { terminalToolDescription, terminalToolSchema } from './terminal-tool.ts';

/** Tools that have a manual. */
export const toolsWithManual = ['terminal', 'filesystem', 'code_exec', 'ssh_exec'] as const;
export type ToolWithManual = (typeof toolsWithManual)[number];

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
  { name: 'filesystem', description: filesystemToolDescription, schema: filesystemToolSchema },
  { name: 'code_exec', description: codeExecToolDescription, schema: codeExecToolSchema },
  { name: 'ssh_exec', description: sshExecToolDescription, schema: sshExecToolSchema },
  { name: 'tool_manual', description: toolManualDescription, schema: toolManualSchema },
];
