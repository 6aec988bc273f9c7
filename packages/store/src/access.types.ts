/** What the store keeps of tokens of MCP clients; their secrets as hashes only (I20). */
import type { McpToken } from '@navisai/protocol';

export interface McpTokenRecord {
  token: McpToken;
  /** SHA-256, hex. */
  secretHash: string;
}

export interface McpTokenReader {
  get(id: string): Promise<McpTokenRecord | undefined>;
  /** Revoked and expired ones included, newest first, at most 500. */
  list(): Promise<McpToken[]>;
}

export interface McpTokenWriter extends McpTokenReader {
  create(record: McpTokenRecord): Promise<void>;
  /** The token as revoked now; `undefined` when there is none or it was revoked before. */
  revoke(id: string, at: string): Promise<McpToken | undefined>;
  used(id: string, at: string): Promise<void>;
}
