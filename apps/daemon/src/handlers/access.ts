/** Routes about tokens of MCP clients and configured MCP servers (I20). */
import type { Peers } from '../agents/create-peers.ts';
import type { Handlers } from '../http/handler.types.ts';

export type AccessHandlers = Pick<Handlers, 'mcpTokens' | 'addMcpToken' | 'revokeMcpToken' | 'mcpServers'>;

export const accessHandlers = ({ mcpTokens, mcpServers }: Pick<Peers, 'mcpTokens' | 'mcpServers'>): AccessHandlers => ({
  mcpTokens: async () => ({ tokens: await mcpTokens.list() }),
  addMcpToken: ({ body, device }) => mcpTokens.add(body, device),
  revokeMcpToken: ({ params }) => mcpTokens.revoke(params.id),
  mcpServers: () => ({ servers: mcpServers.list() }),
});
