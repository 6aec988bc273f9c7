/** Any interleaving of live and kept pieces, with repetitions, shows the same conversation. */
import { newId } from '@navisai/protocol';
import type { HubEvent } from '@navisai/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyConversation, foldConversation } from './conversation-fold.ts';
import { createLog } from './conversation-log.fixture.ts';
import { conversationKeys } from './conversation-places.ts';
import { emptyText, layPiece } from './conversation-text.ts';

/** Cuts a text at some places. */
const cut = (text: string, at: readonly number[]): { offset: number; text: string }[] => {
  const edges = [...new Set([0, ...at.map((one) => one % (text.length + 1)), text.length])].toSorted((a, b) => a - b);
  return edges.slice(1).map((end, index) => ({ offset: edges[index] ?? 0, text: text.slice(edges[index], end) }));
};
const cuts = fc.array(fc.nat(400), { maxLength: 8 });

test('N9: pieces in any order, cut in any way, again and again, give the whole text', () => {
  const given = fc.record({
    text: fc.string({ minLength: 1, maxLength: 200, unit: 'binary' }),
    live: cuts,
    kept: cuts,
  });
  fc.assert(
    fc.property(given, fc.infiniteStream(fc.nat(1000)), ({ text, live, kept }, chance) => {
      const pieces = [...cut(text, live), ...cut(text, kept), ...cut(text, live)];
      const order = pieces.map((piece) => ({ piece, by: chance.next().value })).toSorted((a, b) => a.by - b.by);
      const laid = order.reduce((whole, { piece }) => layPiece(whole, piece), emptyText);
      expect(laid).toEqual({ text, ahead: [] });
      expect(layPiece(laid, { offset: 0, text })).toBe(laid);
    }),
  );
});

const story = () => {
  const log = createLog();
  const callId = newId('call');
  log.say('go');
  const streamId = log.start();
  const parts = [
    { part: 0, kind: 'thinking', text: 'I think about it for a while.' },
    { part: 1, kind: 'text', text: 'First the **plan**, then the deed.' },
    { part: 2, kind: 'tool_call', text: '{"action":"run","command":"ls -la"}', callId, tool: 'terminal' },
    { part: 3, kind: 'tool_result', text: 'total 0', callId, tool: 'terminal', success: true },
    { part: 4, kind: 'text', text: 'Nothing there.' },
  ] as const;
  return { log, streamId, parts };
};

test('N9: live pieces, late kept copies and rows after compaction show the same', () => {
  fc.assert(
    fc.property(fc.array(cuts, { minLength: 10, maxLength: 10 }), fc.infiniteStream(fc.boolean()), (places, isKept) => {
      const { log, streamId, parts } = story();
      const head = [...log.rows];
      const live: HubEvent[] = [];
      const kept: HubEvent[] = [];
      for (const [index, { text, ...part }] of parts.entries()) {
        for (const piece of cut(text, places[index] ?? [])) live.push(log.live({ ...part, ...piece, streamId }));
        for (const piece of cut(text, places[index + 5] ?? []))
          kept.push(log.add('stream_delta', { ...part, ...piece, streamId }));
      }
      const end = log.end(streamId);
      const mixed = [...head];
      while (live.length > 0 || kept.length > 0) {
        const next = (isKept.next().value && kept.length > 0) || live.length === 0 ? kept.shift() : live.shift();
        if (next !== undefined) mixed.push(next);
      }
      const compacted = parts.map(({ text, ...part }) =>
        log.add('stream_delta', { ...part, text, offset: 0, streamId }),
      );
      const first = [...mixed, end].reduce(foldConversation, emptyConversation);
      const again = [...head, ...compacted, end].reduce(foldConversation, emptyConversation);
      const shown = (state: typeof first) => conversationKeys(state).map((key) => bare(state.items.get(key)));
      expect(shown(first)).toEqual(shown(again));
      // Everything once more changes nothing that is shown.
      const repeated = [...mixed, ...compacted, end].reduce(foldConversation, first);
      expect(repeated.items).toBe(first.items);
      expect(repeated.timeline).toBe(first.timeline);
    }),
  );
});

/** Without the moment, which differs between a live piece and a row. */
const bare = (item: object | undefined) => ({ ...item, at: '' });

test('N9: a piece leaves every other item untouched', () => {
  const { log, streamId } = story();
  for (let part = 0; part < 500; part += 1)
    log.add('stream_delta', { streamId, part, kind: 'text', offset: 0, text: `part ${part}` });
  const before = log.rows.reduce(foldConversation, emptyConversation);
  const after = foldConversation(before, log.live({ streamId, part: 499, kind: 'text', offset: 8, text: ' grows' }));
  const changed = conversationKeys(after).filter((key) => after.items.get(key) !== before.items.get(key));
  expect(changed).toEqual([`${streamId}/499`]);
  expect(after.timeline).toBe(before.timeline);
  expect(after.runs).toBe(before.runs);
  expect(after.structure).toBe(before.structure);
});
