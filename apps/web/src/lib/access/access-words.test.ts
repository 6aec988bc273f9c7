/** Words about tokens of MCP clients. */
import type { McpToken } from '@navisai/protocol';
import { expect, test } from 'vitest';
import { describeToken, stateOfToken } from './access-words.ts';

const now = Date.parse('2026-11-21T12:00:00.000Z');
const token: McpToken = {
  id: 'x_1111',
  name: 'editor',
  tools: ['terminal', 'nodes'],
  approvals: 'risky',
  nodeId: null,
  sessionId: 's_1111',
  userId: 'u_owner',
  createdAt: '2026-11-20T12:00:00.000Z',
  expiresAt: '2026-11-22T12:00:00.000Z',
  revokedAt: null,
  lastUsedAt: null,
};

test('I20: a token says what it is good for, what it asks, how long it lives and when it was used', () => {
  expect(stateOfToken(token, now)).toBe('good');
  expect(describeToken(token, now)).toMatch(/^terminal, nodes · asks for what is risky · until .*2026 · never used$/);
  expect(describeToken({ ...token, lastUsedAt: '2026-11-21T11:59:00.000Z' }, now)).toMatch(/used 1 min ago$/);
});

test('I20: what is over says so, and revoked counts before expired', () => {
  const old = { ...token, expiresAt: '2026-11-21T12:00:00.000Z' };
  expect(stateOfToken(old, now)).toBe('expired');
  expect(describeToken(old, now)).toMatch(/ · expired /);
  const revoked = { ...old, revokedAt: '2026-11-21T11:00:00.000Z' };
  expect(stateOfToken(revoked, now)).toBe('revoked');
  expect(describeToken(revoked, now)).toBe('revoked 1 h 00 min ago');
});
