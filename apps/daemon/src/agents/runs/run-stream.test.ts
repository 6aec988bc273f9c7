/** What a run says is told at once, kept soon, once, and in order (N9). */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deltaBatchMs, NavisError } from '@navisai/protocol';
import { createEventFeed, createMemoryBus, openSqliteStore, type StoreFeed, StoreKeeper } from '@navisai/store';
import { until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { RunStream } from './run-stream.ts';

const sessionId = 's_1111';

const openBench = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nr-'));
  const keeper = new StoreKeeper(() => openSqliteStore({ file: join(folder, 'navis.db') }));
  await keeper.start();
  const feed = createEventFeed(keeper, createMemoryBus());
  return {
    keeper,
    feed,
    stream: (over: StoreFeed = feed) => new RunStream({ feed: over, now: Date.now, sessionId, streamId: 'r_1111' }),
    rows: async () => (await feed.read({ stream: sessionId, after: 0, limit: 100 })).events.map(({ event }) => event),
    async [Symbol.asyncDispose]() {
      await keeper[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

test('N9: a piece is told at once without seq, and kept within a batch with those that follow it', async () => {
  await using bench = await openBench();
  const told: unknown[] = [];
  const stop = new AbortController();
  const follow = bench.feed.follow({ stream: sessionId, after: 0, signal: stop.signal });
  await follow.next();
  const listening = bench.feed.listen(({ event }) => told.push(event.data));
  using stream = bench.stream();
  stream.say({ part: 0, kind: 'text', text: 'one ' });
  expect(told).toEqual([{ streamId: 'r_1111', part: 0, kind: 'text', offset: 0, text: 'one ' }]);
  stream.say({ part: 0, kind: 'text', text: 'two' });
  stream.say({ part: 1, kind: 'tool_call', text: '{}', callId: 'c_12345678', tool: 'terminal' });
  const begun = performance.now();
  await until('nothing is kept', async () => (await bench.rows()).length > 0);
  expect(performance.now() - begun).toBeLessThan(deltaBatchMs * 8);
  expect((await bench.rows()).map(({ data }) => data)).toMatchObject([
    { seq: 1, part: 0, offset: 0, text: 'one two' },
    { seq: 2, part: 1, offset: 0, text: '{}', callId: 'c_12345678' },
  ]);
  expect(stream.lastTextSeq).toBe(1);
  listening();
  stop.abort();
});

test('N9: pieces that come together are told as few, in order, before anything of them is kept', async () => {
  await using bench = await openBench();
  const told: unknown[] = [];
  const stop = new AbortController();
  const follow = bench.feed.follow({ stream: sessionId, after: 0, signal: stop.signal });
  await follow.next();
  const listening = bench.feed.listen(({ seq, event }) => told.push([seq ?? 'live', event.data]));
  using stream = bench.stream();
  for (const text of ['a', 'b', 'c']) stream.say({ part: 0, kind: 'text', text });
  for (const text of ['d', 'e']) stream.say({ part: 1, kind: 'thinking', text });
  expect(told).toMatchObject([
    ['live', { part: 0, offset: 0, text: 'a' }],
    ['live', { part: 0, offset: 1, text: 'bc' }],
  ]);
  await stream.flush();
  expect(told.slice(2)).toMatchObject([
    ['live', { part: 1, offset: 0, text: 'de' }],
    [1, { part: 0, offset: 0, text: 'abc' }],
    [2, { part: 1, offset: 0, text: 'de' }],
  ]);
  // What came together is over, also where the log answered sooner.
  await new Promise((resolve) => setImmediate(resolve));
  stream.say({ part: 1, kind: 'thinking', text: 'f' });
  stream.say({ part: 1, kind: 'thinking', text: 'g' });
  await new Promise((resolve) => setImmediate(resolve));
  expect(told.slice(5)).toMatchObject([
    ['live', { offset: 2, text: 'f' }],
    ['live', { offset: 3, text: 'g' }],
  ]);
  listening();
  stop.abort();
});

test('N9: what comes between is kept behind what was said before it', async () => {
  await using bench = await openBench();
  using stream = bench.stream();
  stream.say({ part: 0, kind: 'text', text: 'said' });
  await stream.keep(stream.event('stream_notice', { kind: 'retry', text: 'again' }));
  stream.say({ part: 0, kind: 'text', text: ' more' });
  await stream.flush();
  expect((await bench.rows()).map(({ type, data }) => [type, (data as { offset?: number }).offset])).toEqual([
    ['stream_delta', 0],
    ['stream_notice', undefined],
    ['stream_delta', 4],
  ]);
});

test('N9: what could not be kept is kept with the next', async () => {
  await using bench = await openBench();
  let isBroken = true;
  const append: StoreFeed['append'] = (events) =>
    isBroken ? Promise.reject(new NavisError('DEGRADED')) : bench.feed.append(events);
  using stream = bench.stream({ ...bench.feed, generation: '', append });
  stream.say({ part: 0, kind: 'text', text: 'lost' });
  await expect(stream.flush()).rejects.toMatchObject({ code: 'DEGRADED' });
  isBroken = false;
  stream.say({ part: 0, kind: 'text', text: '?' });
  await stream.flush();
  expect((await bench.rows()).map(({ data }) => data)).toMatchObject([
    { offset: 0, text: 'lost' },
    { offset: 4, text: '?' },
  ]);
});

test('A3, I19: who says more than is kept at once waits for the log, and is told when that takes nothing', async () => {
  await using bench = await openBench();
  let isBroken = false;
  const gate = Promise.withResolvers<void>();
  const append: StoreFeed['append'] = async (events) => {
    if (isBroken) throw new NavisError('DEGRADED');
    await gate.promise;
    return bench.feed.append(events);
  };
  using stream = bench.stream({ ...bench.feed, generation: '', append });
  const say = () => stream.say({ part: 0, kind: 'text', text: 'x'.repeat(300_000) });
  expect(stream.say({ part: 0, kind: 'text', text: 'little' })).toBeUndefined();
  const waiting = say();
  expect(waiting).toBeInstanceOf(Promise);
  gate.resolve();
  await waiting;
  isBroken = true;
  const refused = async (): Promise<never> => {
    for (;;) await say();
  };
  await expect(refused()).rejects.toMatchObject({ code: 'DEGRADED' });
});
