/** Changes of a conversation are told once, whatever comes twice (A3, N9). */
import type { HubEvent } from '@navisai/protocol';
import { expect, test } from 'vitest';
import { ConversationChanges } from './conversation-changes.ts';

const at = '2026-11-21T10:00:00.000Z';
const event = (type: string, data: object): HubEvent => ({ type, sessionId: 's_1', data, timestamp: at }) as HubEvent;
const piece = (offset: number, text: string, more: object = {}) =>
  event('stream_delta', { streamId: 'r_1', part: 0, kind: 'text', offset, text, ...more });

test('A3: a text grows by its pieces; a piece that comes again, kept, tells nothing', () => {
  const changes = new ConversationChanges();
  const lengths = [
    piece(0, 'one '),
    piece(4, 'two'),
    piece(0, 'one two', { seq: 5 }),
    piece(4, 'two three', { seq: 6 }),
  ]
    .map((one) => changes.take(one))
    .map((change) =>
      change?.kind === 'text' ? change.item.body.text.slice(change.before?.body.text.length ?? 0) : null,
    );
  expect(lengths).toEqual(['one ', 'two', null, ' three']);
});

test('A3: a call is told as it is written, begins, ends and answers; that of a sub-agent is marked', () => {
  const changes = new ConversationChanges();
  const parent = { runId: 'r_1', callId: 'c_1' };
  changes.take(event('stream_start', { streamId: 'r_1', parent: null, seq: 1 }));
  changes.take(event('stream_start', { streamId: 'r_2', parent, seq: 2 }));
  const call = { kind: 'tool_call', callId: 'c_2', tool: 'terminal' };
  const written = changes.take(piece(0, '{"action":"list"}', { ...call, streamId: 'r_2' }));
  expect(written).toMatchObject({ kind: 'call', isNested: true, before: undefined, item: { tool: 'terminal' } });
  const started = changes.take(event('tool_started', { callId: 'c_2', tool: 'terminal', action: 'list', seq: 4 }));
  expect(started).toMatchObject({ kind: 'call', before: { started: null }, item: { started: { action: 'list' } } });
  const answered = piece(0, 'none', { kind: 'tool_result', callId: 'c_2', success: true, streamId: 'r_2', part: 1 });
  expect(changes.take(answered)).toMatchObject({ kind: 'call', item: { success: true, result: { text: 'none' } } });
  expect(changes.take(answered)).toBeUndefined();
});
