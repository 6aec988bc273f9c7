/** What every tool answers (requirements, "Details that keep two builders compatible"). */
import { z } from 'zod';

export const toolResultSchema = z.object({
  success: z.boolean(),
  output: z.string(),
  error: z.looseObject({ code: z.string(), message: z.string(), field: z.string().optional() }).optional(),
  metadata: z.looseObject({
    exit_code: z.number().int().nullable().optional(),
    signal: z.string().nullable().optional(),
    call_id: z.string().optional(),
    node_id: z.string().optional(),
    truncated: z.boolean().optional(),
    warnings: z.array(z.string()).optional(),
  }),
});
export type ToolResult = z.infer<typeof toolResultSchema>;
export type ToolMetadata = ToolResult['metadata'];
