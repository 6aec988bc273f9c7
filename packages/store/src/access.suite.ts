/** What every adapter must do with tokens of MCP clients. */
import { type McpToken, newId } from '@navisai/protocol';
import { expect, test } from 'vitest';
import type { StorePlace } from './event-log.suite.ts';

const newToken = (facts: Partial<McpToken> = {}): McpToken => ({
  id: newId('accessToken'),
  name: 'editor "ñ"',
  tools: ['terminal', 'nodes'],
  approvals: 'risky',
  nodeId: null,
  sessionId: 's_1111',
  userId: 'u_1',
  createdAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-04-01T00:00:00.000Z',
  revokedAt: null,
  lastUsedAt: null,
  ...facts,
});

export const testAccess = (name: string, newPlace: () => Promise<StorePlace>): void => {
  test(`${name}: tokens of MCP clients are kept as hashes, used and revoked once (I20)`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const first = newToken();
    const second = newToken({ nodeId: 'nas', createdAt: '2026-01-02T00:00:00.000Z' });
    await store.transaction(async ({ mcpTokens }) => {
      await mcpTokens.create({ token: first, secretHash: 'aa' });
      await mcpTokens.create({ token: second, secretHash: 'bb' });
    });
    expect(await store.read.mcpTokens.list()).toEqual([second, first]);
    expect(await store.read.mcpTokens.get(first.id)).toEqual({ token: first, secretHash: 'aa' });
    expect(await store.read.mcpTokens.get('x_none')).toBeUndefined();
    const at = '2026-02-01T00:00:00.000Z';
    const { result } = await store.transaction(async ({ mcpTokens }) => {
      await mcpTokens.used(first.id, at);
      return [await mcpTokens.revoke(first.id, at), await mcpTokens.revoke(first.id, at)];
    });
    expect(result).toEqual([{ ...first, lastUsedAt: at, revokedAt: at }, undefined]);
  });
};
