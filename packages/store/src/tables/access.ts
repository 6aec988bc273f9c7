/** Tables of tokens of MCP clients (I20). */
export interface AccessTables {
  mcp_tokens: {
    id: string;
    name: string;
    secret_hash: string;
    tools: string;
    approvals: string;
    node_id: string | null;
    session_id: string;
    user_id: string;
    created_at: string;
    expires_at: string;
    revoked_at: string | null;
    last_used_at: string | null;
  };
}

export const accessTables: readonly string[] = [
  `create table mcp_tokens (id text primary key, name text not null, secret_hash text not null, tools text not null,
     approvals text not null, node_id text, session_id text not null, user_id text not null, created_at text not null,
     expires_at text not null, revoked_at text, last_used_at text)`,
];
