/** What lets programs of others in, and where ours go: tokens of MCP clients, MCP servers, ACP agents (I19, I20). */
import { z } from 'zod';
import { approvalsModeSchema } from './approval-entities.ts';
import { accessTokenIdSchema, nodeIdSchema, sessionIdSchema } from './ids.ts';
import { mcpToolNames } from './mcp.ts';
import { timestampSchema } from './time.ts';

export const mcpToolNameSchema = z.enum(mcpToolNames);

export const mcpTokenSchema = z.object({
  id: accessTokenIdSchema,
  name: z.string().min(1).max(100),
  /** What it is good for. */
  tools: z.array(mcpToolNameSchema).min(1),
  approvals: approvalsModeSchema,
  /** Null: any node, `main` by default. */
  nodeId: nodeIdSchema.nullable(),
  /** Where its terminals and calls are seen. */
  sessionId: sessionIdSchema,
  userId: z.string(),
  createdAt: timestampSchema,
  expiresAt: timestampSchema,
  revokedAt: timestampSchema.nullable(),
  lastUsedAt: timestampSchema.nullable(),
});
export type McpToken = z.infer<typeof mcpTokenSchema>;

export const mcpServerStateSchema = z.object({
  name: z.string(),
  transport: z.enum(['stdio', 'http']),
  state: z.enum(['connecting', 'connected', 'failed']),
  /** Why it is not there. */
  problem: z.string().nullable(),
  tools: z.array(z.object({ name: z.string(), description: z.string() })),
});
export type McpServerState = z.infer<typeof mcpServerStateSchema>;
