/** Tokens and servers in few words. */
import type { ApprovalsMode, McpServerState, McpToken } from '@navisai/protocol';
import { formatAgo } from '../time/durations.ts';

/** In the order in which a person would want them. */
export const approvalsChoices: readonly { value: ApprovalsMode; label: string; hint: string }[] = [
  { value: 'risky', label: 'What is risky', hint: 'Reading is done at once; what changes something waits for you.' },
  { value: 'always', label: 'Everything', hint: 'Every call waits for you.' },
  { value: 'never', label: 'Nothing', hint: 'Whoever has the token acts as you. A node’s own ceiling still holds.' },
];

const asks: Readonly<Record<ApprovalsMode, string>> = {
  risky: 'asks for what is risky',
  always: 'asks for everything',
  never: 'asks for nothing',
};

export type TokenState = 'good' | 'expired' | 'revoked';

export const stateOfToken = ({ revokedAt, expiresAt }: McpToken, now: number): TokenState => {
  if (revokedAt !== null) return 'revoked';
  return Date.parse(expiresAt) <= now ? 'expired' : 'good';
};

export const describeToken = (token: McpToken, now: number): string => {
  const state = stateOfToken(token, now);
  if (state === 'revoked') return `revoked ${formatAgo(token.revokedAt ?? token.createdAt, now)}`;
  const day = new Date(token.expiresAt).toLocaleDateString(undefined, { dateStyle: 'medium' });
  const used = token.lastUsedAt === null ? 'never used' : `used ${formatAgo(token.lastUsedAt, now)}`;
  const until = state === 'expired' ? `expired ${day}` : `until ${day}`;
  return [token.tools.join(', '), asks[token.approvals], until, used].join(' · ');
};

/** `spawn x ENOENT` is how the system says that there is no such program. */
export const serverProblem = (problem: string): string =>
  problem.replace(/^spawn (.+) ENOENT$/, 'There is no program $1 on the hub.');

export const serverWords: Readonly<Record<McpServerState['state'], { tone: 'good' | 'warn' | 'bad'; label: string }>> =
  {
    connected: { tone: 'good', label: 'Connected' },
    connecting: { tone: 'warn', label: 'Connecting' },
    failed: { tone: 'bad', label: 'Failed' },
  };
