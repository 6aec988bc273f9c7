/** Tokens of MCP clients: made, listed, revoked, and recognised (I20). */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  type Device,
  type McpToken,
  mcpTokenPattern,
  mcpToolNames,
  NavisError,
  newId,
  type RouteInput,
} from '@navisai/protocol';
import type { StoreFeed, StoreKeeper } from '@navisai/store';

export interface McpTokens {
  list(): Promise<McpToken[]>;
  /** The secret is kept as a hash only. */
  add(request: RouteInput<'addMcpToken'>['body'], by: Device): Promise<{ token: McpToken; secret: string }>;
  /** Rejects NavisError NOT_FOUND. */
  revoke(id: string): Promise<McpToken>;
  /** The token behind a secret that is good now. */
  recognise(secret: string): Promise<McpToken | undefined>;
}

export interface McpTokensParts {
  keeper: StoreKeeper;
  feed: StoreFeed;
  now: () => number;
  /** Told before the answer. */
  onRevoked(id: string): void;
}

const defaultDays = 90;
const dayMs = 24 * 60 * 60 * 1000;
/** How exactly the last use is known. */
const usePrecisionMs = 60_000;

export const createMcpTokens = ({ keeper, feed, now, onRevoked }: McpTokensParts): McpTokens => {
  const time = (aheadMs = 0): string => new Date(now() + aheadMs).toISOString();
  return {
    list: () => keeper.store.read.mcpTokens.list(),
    async add({ name, tools, approvals, nodeId, days }, by) {
      const token: McpToken = {
        id: newId('accessToken'),
        name,
        tools: tools ?? [...mcpToolNames],
        approvals: approvals ?? 'risky',
        nodeId: nodeId ?? null,
        // Made with its first call: what was never used is nothing to look at.
        sessionId: newId('session'),
        userId: by.userId,
        createdAt: time(),
        expiresAt: time((days ?? defaultDays) * dayMs),
        revokedAt: null,
        lastUsedAt: null,
      };
      const random = randomBytes(32).toString('base64url');
      await feed.transaction((writer) => writer.mcpTokens.create({ token, secretHash: hashOf(random) }));
      return { token, secret: `navismcp.${token.id}.${random}` };
    },
    async revoke(id) {
      const revoked = await feed.transaction((writer) => writer.mcpTokens.revoke(id, time()));
      if (revoked === undefined) throw new NavisError('NOT_FOUND', 'There is no such token, or it was revoked before.');
      onRevoked(id);
      return revoked;
    },
    async recognise(secret) {
      const [, id = '', random = ''] = mcpTokenPattern.exec(secret) ?? [];
      const record = id === '' ? undefined : await keeper.store.read.mcpTokens.get(id);
      const isGenuine = timingSafeEqual(Buffer.from(hashOf(random)), Buffer.from(record?.secretHash ?? hashOf('')));
      if (record === undefined || !isGenuine) return undefined;
      const { token } = record;
      if (token.revokedAt !== null || token.expiresAt <= time()) return undefined;
      if (Date.parse(token.lastUsedAt ?? token.createdAt) + usePrecisionMs < now())
        await feed.transaction((writer) => writer.mcpTokens.used(id, time()));
      return token;
    },
  };
};

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');
