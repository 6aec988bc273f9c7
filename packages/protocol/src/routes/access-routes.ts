/** Routes about tokens of MCP clients and configured MCP servers and ACP agents (I19, I20). */
export const accessRoutes = {} as const;
