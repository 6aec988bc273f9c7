/** What lets programs of others in, and where ours go: tokens of MCP clients, MCP servers, ACP agents (I19, I20). */
import { z } from 'zod';
import { approvalsModeSchema } from './approval-entities.ts';
import { accessTokenIdSchema, nodeIdSchema, sessionIdSchema } from './ids.ts';
import { timestampSchema } from './time.ts';

/** Tools that the MCP server of the hub offers. */
export const mcpToolNames = ['terminal', 'filesystem', 'nodes'] as const;
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

/** Path of the hub's MCP server over streamable HTTP. */
export const mcpPath = '/mcp';
/** Names the session of a call that is signed by a device; default: the person's default session. */
export const mcpSessionHeader = 'navis-session';
/** A bearer token: its id, then 128 bits or more. */
export const mcpTokenPattern = /^navismcp\.(x_[0-9a-z]{4,40})\.([A-Za-z0-9_-]{32,64})$/;

export const mcpServerStateSchema = z.object({
  name: z.string(),
  transport: z.enum(['stdio', 'http']),
  state: z.enum(['connecting', 'connected', 'failed']),
  /** Why it is not there. */
  problem: z.string().nullable(),
  tools: z.array(z.object({ name: z.string(), description: z.string() })),
});
export type McpServerState = z.infer<typeof mcpServerStateSchema>;
