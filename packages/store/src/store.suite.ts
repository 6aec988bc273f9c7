/** What every adapter of the store must do; an adapter without this suite does not exist. */
import { type Approval, type Device, NavisError, newId } from '@navisai/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createEventFeed } from './event-feed.ts';
import type { EventFeed, NewEvent, StreamEvent } from './events.types.ts';
import { maxQueuedLive } from './follow.ts';
import { createMemoryBus } from './memory-bus.ts';
import { StoreKeeper } from './store-keeper.ts';
import type { NewSession, Store } from './store.types.ts';

/** A place for one store; opening it again finds what was kept. */
export interface StorePlace extends AsyncDisposable {
  open(): Promise<Store>;
}

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();

const newSession = (facts: Partial<NewSession> = {}): NewSession => ({
  id: newId('session'),
  kind: 'terminal',
  title: 'work',
  userId: 'u_1',
  instanceId: 'main',
  createdAt: at(0),
  ...facts,
});

const newDevice = (facts: Partial<Device> = {}): Device => ({
  id: newId('device'),
  name: 'browser',
  kind: 'browser',
  userId: 'u_1',
  scope: 'admin',
  createdAt: at(0),
  lastSeenAt: null,
  revokedAt: null,
  ...facts,
});

const newApproval = (facts: Partial<Approval> = {}): Approval => ({
  id: newId('approval'),
  kind: 'pairing',
  state: 'pending',
  title: 'Pair?',
  detail: {
    pairingId: newId('pairing'),
    deviceName: 'phone "ñ" \u0000',
    deviceKind: 'browser',
    shortCode: '123 456',
    requestedScope: 'viewer',
    peer: '::1',
  },
  createdAt: at(0),
  expiresAt: at(600),
  decidedAt: null,
  decidedBy: null,
  ...facts,
});

const update = (stream: string, title = ''): NewEvent => ({
  stream,
  sessionId: stream,
  type: 'session.update',
  data: { change: 'renamed', reason: title },
});

const seqs = (events: readonly StreamEvent[]): (number | undefined)[] => events.map(({ seq }) => seq);

export const testStore = (name: string, newPlace: () => Promise<StorePlace>): void => {
  testSessions(name, newPlace);
  testDecisions(name, newPlace);
  testEvents(name, newPlace);
  testFollowing(name, newPlace);
};

const testSessions = (name: string, newPlace: () => Promise<StorePlace>): void => {
  test(`${name}: what was kept is found after opening again, under the same generation (I8)`, async () => {
    await using place = await newPlace();
    const session = newSession();
    const first = await place.open();
    await first.transaction((writer) => writer.sessions.create(session));
    const { generation } = first;
    await first[Symbol.asyncDispose]();
    await using second = await place.open();
    expect(second.generation).toBe(generation);
    expect(await second.read.sessions.get(session.id)).toMatchObject({ title: 'work', seq: 0, updatedAt: at(0) });
  });

  test(`${name}: sessions come newest first in pages, and a closed one stays a cursor (I7)`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const made = [0, 1, 1, 2, 3].map((second) => newSession({ createdAt: at(second) }));
    const foreign = newSession({ userId: 'u_2', createdAt: at(9) });
    await store.transaction(async ({ sessions }) => {
      for (const session of [...made, foreign]) await sessions.create(session);
    });
    const { sessions } = store.read;
    const all = await sessions.list({ userId: 'u_1', limit: 10 });
    expect(all.map(({ createdAt }) => createdAt)).toEqual([3, 2, 1, 1, 0].map(at));
    const cursor = all[1]?.id ?? '';
    await store.transaction((writer) => writer.sessions.close(cursor, at(20)));
    const rest = await sessions.list({ userId: 'u_1', after: cursor, limit: 2 });
    expect(rest.map(({ id }) => id)).toEqual(all.slice(2, 4).map(({ id }) => id));
  });

  test(`${name}: of many who make the default session at once, one does`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const make = () => store.transaction((writer) => writer.sessions.create(newSession({ isDefault: true })));
    const made = await Promise.all(Array.from({ length: 20 }, make));
    expect(made.filter(({ result }) => result)).toHaveLength(1);
    const found = await store.read.sessions.defaultOf('u_1');
    await store.transaction((writer) => writer.sessions.close(found?.id ?? '', at(1)));
    expect(await store.read.sessions.defaultOf('u_1')).toBeUndefined();
    expect((await make()).result).toBe(true);
  });

  test(`${name}: a transaction that fails leaves nothing, its events neither`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const session = newSession();
    const failing = store.transaction(async (writer) => {
      await writer.sessions.create(session);
      await writer.appendEvents([update(session.id)]);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await store.read.sessions.get(session.id)).toBeUndefined();
    const [event] = await store.appendEvents([update(session.id)]);
    expect(event?.seq).toBe(1);
  });
};

const testDecisions = (name: string, newPlace: () => Promise<StorePlace>): void => {
  test(`${name}: of many decisions about an approval exactly one wins (A2)`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const approval = newApproval();
    await store.transaction((writer) => writer.approvals.create(approval));
    const decide = (index: number) =>
      store.transaction(({ approvals }) =>
        approvals.decide({
          id: approval.id,
          state: index % 2 === 0 ? 'approved' : 'rejected',
          decidedBy: `d_${index}`,
          at: at(1),
        }),
      );
    const decided = await Promise.all(Array.from({ length: 20 }, (_, index) => decide(index)));
    const winners = decided.flatMap(({ result }) => result ?? []);
    expect(winners).toHaveLength(1);
    expect(await store.read.approvals.get(approval.id)).toEqual(winners[0]);
    expect(winners[0]?.detail).toEqual(approval.detail);
  });

  test(`${name}: an approval that is too old cannot be decided, and expires once`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const approval = newApproval();
    await store.transaction((writer) => writer.approvals.create(approval));
    const late = { id: approval.id, state: 'approved', decidedBy: 'd_1', at: at(600) } as const;
    expect((await store.transaction(({ approvals }) => approvals.decide(late))).result).toBeUndefined();
    const expire = () => store.transaction(({ approvals }) => approvals.expire(at(600)));
    expect((await expire()).result.map(({ state }) => state)).toEqual(['expired']);
    expect((await expire()).result).toEqual([]);
    expect(await store.read.approvals.list({ state: 'pending', limit: 10 })).toEqual([]);
  });

  test(`${name}: a device is revoked once; then its key may belong to another device (I14)`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const [first, second] = [newDevice(), newDevice({ createdAt: at(1) })];
    await store.transaction((writer) => writer.devices.create({ device: first, publicKey: 'key' }));
    const again = () => store.transaction((writer) => writer.devices.create({ device: second, publicKey: 'key' }));
    await expect(again()).rejects.toThrow();
    const revoke = () => store.transaction((writer) => writer.devices.revoke(first.id, at(2)));
    expect((await revoke()).result?.revokedAt).toBe(at(2));
    expect((await revoke()).result).toBeUndefined();
    await again();
    expect(await store.read.devices.activeWithKey('key')).toEqual(second);
    expect((await store.read.devices.list()).map(({ id }) => id)).toEqual([first.id, second.id]);
  });

  test(`${name}: a pairing link is used once, and not when it is void or too old (I14)`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const link = (tokenHash: string) => ({ tokenHash, scope: 'admin' as const, createdAt: at(0), expiresAt: at(600) });
    const claim = (tokenHash: string, now = at(1)) =>
      store
        .transaction(({ pairings }) =>
          pairings.claim({ tokenHash, now, pairingId: newId('pairing'), approvalId: 'a_1234', publicKey: 'key' }),
        )
        .then(({ result }) => result);
    await store.transaction(({ pairings }) => pairings.create(link('one')));
    expect(await store.read.pairings.open(at(1))).toMatchObject({ tokenHash: 'one' });
    const claims = await Promise.all(Array.from({ length: 10 }, () => claim('one')));
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(await store.read.pairings.open(at(1))).toBeUndefined();
    await store.transaction(({ pairings }) => pairings.create(link('two')));
    expect(await claim('two', at(600))).toBe(false);
    expect((await store.transaction(({ pairings }) => pairings.closeUnused(at(2)))).result).toBe(true);
    expect(await claim('two')).toBe(false);
    expect(await claim('never made')).toBe(false);
  });
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

  test(`${name}: events that are not kept reach those who follow live, in order`, async () => {
    await using place = await newPlace();
    await using opened = await openFeed(place);
    const { feed } = opened;
    await using reader = follower(feed, 0);
    await reader.seeAtLeast(1);
    feed.publish('s_1111', { type: 'session.update', data: { change: 'terminal.updated' }, timestamp: at(0) });
    await feed.append([update('s_1111')]);
    await reader.seeAtLeast(3);
    expect(reader.seen).toEqual(['live', -1, 1]);
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
