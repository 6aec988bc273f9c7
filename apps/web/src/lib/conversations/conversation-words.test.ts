/** Behaviour of conversations in lists. */
import type { SessionWithTerminals } from '@navisai/protocol';
import { expect, test } from 'vitest';
import { describeConversation, sortConversations } from './conversation-words.ts';

const session = (id: string, more: Partial<SessionWithTerminals>) =>
  ({ id, kind: 'agent', updatedAt: '2026-01-01', ...more }) as SessionWithTerminals;

test('issue 6: what waits for the person comes first, then what works, then the newest; bare terminals are no conversation', () => {
  const sorted = sortConversations([
    session('old', {}),
    session('bare', { kind: 'terminal' }),
    session('new', { updatedAt: '2026-02-01' }),
    session('works', { activity: 'running' }),
    session('waits', { activity: 'waiting' }),
  ]);
  expect(sorted.map(({ id }) => id)).toEqual(['waits', 'works', 'new', 'old']);
  expect(sorted.map((one) => describeConversation(one).label)).toEqual(['Waits for you', 'Works', '', '']);
});
