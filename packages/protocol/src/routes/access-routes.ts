/** Routes about tokens of MCP clients, configured MCP servers and ACP agents (I19, I20). */
import { z } from 'zod';
import { mcpServerStateSchema, mcpTokenSchema, mcpToolNameSchema } from '../access-entities.ts';
import { approvalsModeSchema } from '../approval-entities.ts';
import { accessTokenIdSchema, nodeIdSchema } from '../ids.ts';
import { route } from './route.ts';

export const accessRoutes = {
  mcpTokens: route({
    method: 'GET',
    path: '/access/mcp-tokens',
    access: 'admin',
    summary: 'Tokens of MCP clients; never the secrets.',
    response: z.object({ tokens: z.array(mcpTokenSchema) }),
  }),
  addMcpToken: route({
    method: 'POST',
    path: '/access/mcp-tokens',
    access: 'admin',
    summary: 'Make a token for an MCP client; its secret is shown this once.',
    body: z.strictObject({
      name: z.string().trim().min(1).max(100),
      tools: z.array(mcpToolNameSchema).min(1).max(3).optional(),
      approvals: approvalsModeSchema.optional(),
      nodeId: nodeIdSchema.optional(),
      /** Default 90. */
      days: z.number().int().min(1).max(366).optional(),
    }),
    response: z.object({ token: mcpTokenSchema, secret: z.string() }),
  }),
  revokeMcpToken: route({
    method: 'DELETE',
    path: '/access/mcp-tokens/:id',
    access: 'admin',
    summary: 'Revoke a token; nothing more is done for it.',
    params: z.strictObject({ id: accessTokenIdSchema }),
    response: mcpTokenSchema,
  }),
  mcpServers: route({
    method: 'GET',
    path: '/access/mcp-servers',
    access: 'viewer',
    summary: 'MCP servers of the configuration, with their tools.',
    response: z.object({ servers: z.array(mcpServerStateSchema) }),
  }),
} as const;
