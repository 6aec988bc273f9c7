/** A follower trusts a hole only when the hub says that there is nothing to wait for (I8, N9). */
import type { HubEvent } from '@navisai/protocol';
import { expect, test } from 'vitest';
import { EventStreamFollower } from './event-stream.ts';

const row = (seq: number): HubEvent => ({
  type: 'session.update',
  sessionId: 's_1111',
  data: { seq, change: 'renamed' },
  timestamp: '2026-01-01T00:00:00.000Z',
});

const startFollower = () => {
  const seen: number[] = [];
  const state = { resubscribed: 0 };
  const onEvent = (event: HubEvent): void => void seen.push('seq' in event.data ? (event.data.seq ?? 0) : 0);
  const follower = new EventStreamFollower(
    { sessionId: 's_1111', handlers: { onEvent }, cursor: { after: 0, generation: 'g_1111' } },
    { resubscribe: () => (state.resubscribed += 1), leave: () => undefined } as unknown as ConstructorParameters<
      typeof EventStreamFollower
    >[1],
  );
  follower.onSubscribed({ id: '1', generation: 'g_1111', after: 0 });
  return { follower, seen, state };
};

test('N9: rows that compaction took away are not asked for again: `live` says that they are not missing', () => {
  const { follower, seen, state } = startFollower();
  for (const seq of [1, 4, 9]) follower.onEvent(row(seq));
  follower.onLive(9);
  follower.onEvent(row(10));
  follower.onLive(19);
  for (const seq of [20, 20, 21]) follower.onEvent(row(seq));
  expect(seen).toEqual([1, 4, 9, 10, 20, 21]);
  expect(state.resubscribed).toBe(0);
  expect(follower.cursor?.after).toBe(21);
});

test('I8: without that word a hole is fetched', () => {
  const { follower, seen, state } = startFollower();
  follower.onLive(0);
  for (const seq of [1, 3]) follower.onEvent(row(seq));
  expect(seen).toEqual([1]);
  expect(state.resubscribed).toBe(1);
});
