/** Tables of tokens of MCP clients, configured MCP servers and ACP agents (I19, I20). */
export type AccessTables = Record<never, never>;

export const accessTables: readonly string[] = [];
