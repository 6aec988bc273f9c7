/** Routes about tokens of MCP clients and configured MCP servers (I20). */
import type { McpServers } from '../agents/mcp/mcp-servers.ts';
import type { McpTokens } from '../agents/mcp/mcp-tokens.ts';
import type { Handlers } from '../http/handler.types.ts';

export type AccessHandlers = Pick<Handlers, 'mcpTokens' | 'addMcpToken' | 'revokeMcpToken' | 'mcpServers'>;

export interface AccessHandlerParts {
  tokens: McpTokens;
  servers: McpServers;
}

export const accessHandlers = ({ tokens, servers }: AccessHandlerParts): AccessHandlers => ({
  mcpTokens: async () => ({ tokens: await tokens.list() }),
  addMcpToken: ({ body, device }) => tokens.add(body, device),
  revokeMcpToken: ({ params }) => tokens.revoke(params.id),
  mcpServers: () => ({ servers: servers.list() }),
});
