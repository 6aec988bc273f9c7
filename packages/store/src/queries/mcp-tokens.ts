/** Tokens of MCP clients in SQL. */
import type { McpToken } from '@navisai/protocol';
import type { Selectable } from 'kysely';
import type { McpTokenRecord, McpTokenWriter } from '../access.types.ts';
import type { Database, Schema } from '../schema.ts';

const maxListed = 500;

const toToken = (row: Selectable<Schema['mcp_tokens']>): McpToken => ({
  id: row.id,
  name: row.name,
  tools: JSON.parse(row.tools) as McpToken['tools'],
  approvals: row.approvals as McpToken['approvals'],
  nodeId: row.node_id,
  sessionId: row.session_id,
  userId: row.user_id,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
  lastUsedAt: row.last_used_at,
});

export class McpTokenQueries implements McpTokenWriter {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async get(id: string): Promise<McpTokenRecord | undefined> {
    const row = await this.#database.selectFrom('mcp_tokens').selectAll().where('id', '=', id).executeTakeFirst();
    return row === undefined ? undefined : { token: toToken(row), secretHash: row.secret_hash };
  }

  async list(): Promise<McpToken[]> {
    const rows = await this.#database
      .selectFrom('mcp_tokens')
      .selectAll()
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(maxListed)
      .execute();
    return rows.map(toToken);
  }

  async create({ token, secretHash }: McpTokenRecord): Promise<void> {
    await this.#database
      .insertInto('mcp_tokens')
      .values({
        id: token.id,
        name: token.name,
        secret_hash: secretHash,
        tools: JSON.stringify(token.tools),
        approvals: token.approvals,
        node_id: token.nodeId,
        session_id: token.sessionId,
        user_id: token.userId,
        created_at: token.createdAt,
        expires_at: token.expiresAt,
        revoked_at: token.revokedAt,
        last_used_at: token.lastUsedAt,
      })
      .execute();
  }

  async revoke(id: string, at: string): Promise<McpToken | undefined> {
    const row = await this.#database
      .updateTable('mcp_tokens')
      .set({ revoked_at: at })
      .where('id', '=', id)
      .where('revoked_at', 'is', null)
      .returningAll()
      .executeTakeFirst();
    return row === undefined ? undefined : toToken(row);
  }

  async used(id: string, at: string): Promise<void> {
    await this.#database.updateTable('mcp_tokens').set({ last_used_at: at }).where('id', '=', id).execute();
  }
}
