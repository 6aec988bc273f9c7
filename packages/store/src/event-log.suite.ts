/** What the event log of every adapter must do: numbers, pages, and following from any cursor (I8). */
import { NavisError } from '@navisai/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createEventFeed } from './event-feed.ts';
import type { EventFeed, NewEvent, StreamEvent } from './events.types.ts';
import { maxQueuedLive } from './follow.ts';
import { createMemoryBus } from './memory-bus.ts';
import { StoreKeeper } from './store-keeper.ts';
import type { Store } from './store.types.ts';

/** A place for one store; opening it again finds what was kept. */
export interface StorePlace extends AsyncDisposable {
  open(): Promise<Store>;
}

export const update = (stream: string, title = ''): NewEvent => ({
  stream,
  sessionId: stream,
  type: 'session.update',
  data: { change: 'renamed', reason: title },
});

const seqs = (events: readonly StreamEvent[]): (number | undefined)[] => events.map(({ seq }) => seq);

export const testEventLog = (name: string, newPlace: () => Promise<StorePlace>): void => {
  testEvents(name, newPlace);
  testFollowing(name, newPlace);
};

const testEvents = (name: string, newPlace: () => Promise<StorePlace>): void => {
  test(`${name}: rows of each stream are numbered without gap or double, however they arrive (I8)`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const streams = ['s_1111', 's_2222', 'hub'];
    const appended = await Promise.all(
      Array.from({ length: 300 }, (_, index) =>
        store.appendEvents(
          Array.from({ length: 1 + (index % 3) }, (__, part) => update(streams[(index + part) % 3] ?? 'hub')),
        ),
      ),
    );
    for (const stream of streams) {
      const own = appended.flat().filter((event) => event.stream === stream);
      const { events, seq } = await store.read.readEvents({ stream, after: 0, limit: 1000 });
      expect(seqs(events)).toEqual(Array.from({ length: own.length }, (_, index) => index + 1));
      expect(seq).toBe(own.length);
      expect(seqs(own).toSorted((one, other) => (one ?? 0) - (other ?? 0))).toEqual(seqs(events));
    }
  });

  test(`${name}: pages after any cursor, of any size, are the log (I8)`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    await store.appendEvents(Array.from({ length: 50 }, (_, index) => update('s_1111', `title ${index}`)));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 60 }), async (after, limit) => {
        const { events, seq } = await store.read.readEvents({ stream: 's_1111', after, limit });
        const expected = Array.from({ length: 50 }, (_, index) => index + 1).filter((row) => row > after);
        expect(seqs(events)).toEqual(expected.slice(0, limit));
        expect(seq).toBe(50);
        for (const { event, seq: row } of events)
          expect(event.data).toMatchObject({ seq: row, reason: `title ${(row ?? 0) - 1}` });
      }),
      { numRuns: 40 },
    );
  });

  test(`${name}: more rows than one statement takes are appended as one`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const events = await store.appendEvents(Array.from({ length: 12_345 }, () => update('s_1111')));
    expect(events.at(-1)?.seq).toBe(12_345);
  });
};

const follower = (feed: EventFeed, after: number) => {
  const stop = new AbortController();
  const seen: (number | 'live')[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const done = (async () => {
    for await (const item of feed.follow({ stream: 's_1111', after, signal: stop.signal })) {
      seen.push(item.kind === 'live' ? 'live' : (item.event.seq ?? -1));
      for (const { count, resolve } of waiting) if (seen.length >= count) resolve();
    }
  })();
  return {
    seen,
    seeAtLeast: (count: number) =>
      new Promise<void>((resolve) => (seen.length >= count ? resolve() : waiting.push({ count, resolve }))),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await done;
    },
    done,
  };
};

const openFeed = async (place: StorePlace) => {
  const keeper = new StoreKeeper(() => place.open());
  await keeper.start();
  return {
    keeper,
    feed: createEventFeed(keeper, createMemoryBus()),
    [Symbol.asyncDispose]: () => keeper[Symbol.asyncDispose](),
  };
};

const numbersTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

const testFollowing = (name: string, newPlace: () => Promise<StorePlace>): void => {
  test(`${name}: following gives the past, then "live", then the present, without gap or double (I8)`, async () => {
    await using place = await newPlace();
    await using opened = await openFeed(place);
    const { feed } = opened;
    await feed.append(numbersTo(450).map(() => update('s_1111')));
    await using reader = follower(feed, 0);
    // Appended while the backfill is being read.
    for (let round = 0; round < 50; round += 1) await feed.append([update('s_1111'), update('s_2222')]);
    await reader.seeAtLeast(501);
    await feed.append([update('s_1111')]);
    await reader.seeAtLeast(502);
    expect(reader.seen.filter((item) => item !== 'live')).toEqual(numbersTo(501));
    expect(reader.seen.filter((item) => item === 'live')).toHaveLength(1);
  });

  test(`${name}: a follower that is too slow for the queue still sees every kept event once`, async () => {
    await using place = await newPlace();
    await using opened = await openFeed(place);
    const { feed } = opened;
    const stop = new AbortController();
    const seen: (number | undefined)[] = [];
    const total = maxQueuedLive * 3;
    for await (const item of feed.follow({ stream: 's_1111', after: 0, signal: stop.signal })) {
      if (item.kind === 'live') await feed.append(numbersTo(total).map(() => update('s_1111')));
      else seen.push(item.event.seq);
      if (seen.length === total) stop.abort();
    }
    expect(seen).toEqual(numbersTo(total));
  });

  test(`${name}: N9: a follower is told that rows which compaction took away are not missing`, async () => {
    await using place = await newPlace();
    await using opened = await openFeed(place);
    const { feed } = opened;
    const seen: (number | string)[] = [];
    const stop = new AbortController();
    const piece = (offset: number): NewEvent => ({
      stream: 's_1111',
      type: 'stream_delta',
      data: { streamId: 'r_1111', part: 0, kind: 'text', offset, text: 'x' },
    });
    for await (const item of feed.follow({ stream: 's_1111', after: 0, signal: stop.signal })) {
      seen.push(item.kind === 'live' ? `live ${item.seq}` : (item.event.seq ?? -1));
      // While the reader is busy: more than its queue holds, then compaction.
      if (seen.length === 1) {
        await feed.append(numbersTo(maxQueuedLive * 2).map((number) => piece(number - 1)));
        const compaction = { stream: 's_1111', streamId: 'r_1111', from: 1 };
        await feed.transaction((writer) => writer.conversations.compactDeltas(compaction));
        await feed.append([update('s_1111')]);
      }
      if (item.kind === 'event' && item.event.event.type === 'session.update') stop.abort();
    }
    const last = maxQueuedLive * 2;
    expect(seen).toEqual(['live 0', `live ${last - 1}`, last, last + 1]);
  });

  test(`${name}: events that are not kept reach those who follow live, in order`, async () => {
    await using place = await newPlace();
    await using opened = await openFeed(place);
    const { feed } = opened;
    await using reader = follower(feed, 0);
    await reader.seeAtLeast(1);
    feed.publish('s_1111', {
      type: 'session.update',
      data: { change: 'terminal.updated' },
      timestamp: '2026-01-01T00:00:00.000Z',
    });
    await feed.append([update('s_1111')]);
    await reader.seeAtLeast(3);
    expect(reader.seen).toEqual(['live', -1, 1]);
  });

  test(`${name}: I8, L1: a follower may take what is next at once; what it leaves comes in turn, each event once`, async () => {
    await using place = await newPlace();
    await using opened = await openFeed(place);
    const { feed } = opened;
    const stop = new AbortController();
    const seen: string[] = [];
    let takes = true;
    const take = ({ seq }: StreamEvent): boolean => {
      if (takes) seen.push(`taken ${seq}`);
      return takes;
    };
    const isLive = Promise.withResolvers<void>();
    const done = (async () => {
      for await (const item of feed.follow({ stream: 's_1111', after: 0, signal: stop.signal, take })) {
        seen.push(item.kind === 'live' ? 'live' : `read ${item.event.seq}`);
        isLive.resolve();
        if (item.kind === 'event' && item.event.seq === 6) stop.abort();
      }
    })();
    await isLive.promise;
    // Nobody waits for the next event yet: it waits in the queue, and so does what follows it.
    await feed.append([update('s_1111'), update('s_1111')]);
    await feed.append([update('s_1111')]);
    takes = false;
    await feed.append([update('s_1111')]);
    takes = true;
    await feed.append([update('s_1111')]);
    takes = false;
    await feed.append([update('s_1111')]);
    await done;
    expect(seen.map((item) => item.replace(/^\D+/, ''))).toEqual(['', '1', '2', '3', '4', '5', '6']);
    expect(seen.filter((item) => item.startsWith('taken'))).toContain('taken 3');
    expect(seen.filter((item) => item.startsWith('read'))).toEqual(expect.arrayContaining(['read 4', 'read 6']));
  });

  test(`${name}: what cannot be read is a DEGRADED error, also for who follows (I17)`, async () => {
    await using place = await newPlace();
    await using opened = await openFeed(place);
    await opened.keeper[Symbol.asyncDispose]();
    const reading = opened.feed.follow({ stream: 'hub', after: 0, signal: new AbortController().signal }).next();
    await expect(reading).rejects.toBeInstanceOf(NavisError);
    await expect(opened.feed.append([update('s_1111')])).rejects.toMatchObject({ code: 'DEGRADED' });
  });
};
