/** What every adapter must do for recalls: claimed once, fenced, taken over when the claimer died (A5, N11). */
import { newId, type RecallRun } from '@navisai/protocol';
import { expect, test } from 'vitest';
import type { StorePlace } from './event-log.suite.ts';
import type { RecallFacts, RecallWriter } from './recalls.types.ts';
import type { Store } from './store.types.ts';

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();

const newRecall = (facts: Partial<RecallFacts> = {}): RecallFacts => ({
  id: newId('recall'),
  title: 'check "ü"',
  task: 'look',
  schedule: { kind: 'interval', seconds: 60 },
  missed: 'run_once',
  notify: 'failure',
  paused: false,
  sessionId: null,
  ownsSession: true,
  userId: 'u_1',
  instanceId: 'main',
  profile: 'developer',
  nodeId: null,
  model: null,
  permissions: { approvals: 'risky', tools: ['terminal'], depth: 0, mayAsk: false, waitMinutes: 60, rulesUntil: at(0) },
  limitMinutes: 60,
  createdBy: 'laptop',
  createdAt: at(0),
  nextAt: at(60),
  ...facts,
});

const newRun = (recallId: string, facts: Partial<RecallRun> = {}): RecallRun => ({
  id: newId('recallRun'),
  recallId,
  dueAt: at(60),
  cause: 'schedule',
  state: 'running',
  attempt: 1,
  missed: 0,
  claimedBy: 'main:1',
  token: 1,
  startedAt: at(60),
  endedAt: null,
  sessionId: null,
  runId: null,
  answer: null,
  error: null,
  ...facts,
});

const write = <T>(store: Store, work: (recalls: RecallWriter) => Promise<T>): Promise<T> =>
  store.transaction(({ recalls }) => work(recalls)).then(({ result }) => result);

export const testRecalls = (name: string, newPlace: () => Promise<StorePlace>): void => {
  testKeeping(name, newPlace);
  testClaims(name, newPlace);
};

const testKeeping = (name: string, newPlace: () => Promise<StorePlace>): void => {
  test(`${name}: A5: a recall is kept as it is, changed in part, listed by its user, and removed with its history`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const recall = newRecall({ model: ['a/b'], schedule: { kind: 'cron', expression: '0 9 * * *', timezone: 'UTC' } });
    await write(store, (recalls) => recalls.create(recall, null));
    await write(store, (recalls) => recalls.create(newRecall({ userId: 'u_2' }), null));
    const [found] = await store.read.recalls.list({ userId: 'u_1', limit: 10 });
    expect(found).toEqual({ recall: { ...recall, isRunning: false, lastRun: null }, askedAt: null, claim: null });
    const change = { title: 'other', paused: true, nextAt: null };
    expect(await write(store, (recalls) => recalls.change(recall.id, change))).toBe(true);
    const run = newRun(recall.id, { error: { code: 'X', message: 'y' }, answer: 'z' });
    await write(store, (recalls) => recalls.addRun(run));
    expect((await store.read.recalls.get(recall.id))?.recall).toMatchObject({ ...recall, ...change, lastRun: run });
    expect(await write(store, (recalls) => recalls.remove(recall.id))).toBe(true);
    expect(await store.read.recalls.get(recall.id)).toBeUndefined();
    expect(await store.read.recalls.runs({ recallId: recall.id, limit: 10 })).toEqual([]);
    expect(await write(store, (recalls) => recalls.change(recall.id, change))).toBe(false);
  });

  test(`${name}: A5: what is due comes longest due first; paused and claimed ones do not, asked ones do at once`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const [late, soon, paused, asked] = [
      newRecall({ nextAt: at(10) }),
      newRecall({ nextAt: at(70) }),
      newRecall({ nextAt: at(20), paused: true }),
      newRecall({ nextAt: null, paused: true }),
    ];
    await write(store, async (recalls) => {
      for (const one of [late, soon, paused]) await recalls.create(one, null);
      await recalls.create(asked, at(15));
    });
    const due = async (second: number) =>
      (await store.read.recalls.due({ now: at(second), limit: 9 })).map(({ recall }) => recall.id);
    expect(await due(65)).toEqual([late.id, asked.id]);
    expect(await due(75)).toEqual([late.id, asked.id, soon.id]);
    expect(await store.read.recalls.nextDueAt()).toBe(at(10));
    expect(await write(store, (recalls) => recalls.ask(asked.id, at(16)))).toBe(false);
    expect(await write(store, (recalls) => recalls.ask(paused.id, at(16)))).toBe(true);
    expect(await store.read.recalls.countActive('u_1')).toBe(4);
    expect(await write(store, (recalls) => recalls.move({ id: late.id, from: at(11), to: at(80) }))).toBeUndefined();
    expect(await write(store, (recalls) => recalls.move({ id: late.id, from: at(10), to: at(80) }))).toBe(1);
    expect(await store.read.recalls.nextDueAt()).toBe(at(70));
  });

  test(`${name}: A5: the history of a recall is bounded, and so are recalls that are over`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const [kept, over] = [newRecall({ createdAt: at(1) }), newRecall({ nextAt: null, createdAt: at(0) })];
    await write(store, async (recalls) => {
      await recalls.create(kept, null);
      await recalls.create(over, null);
      await recalls.create(newRecall({ nextAt: null, createdAt: at(5) }), null);
      for (let token = 1; token <= 210; token += 1) await recalls.addRun(newRun(kept.id, { token }));
      await recalls.prune({ userId: 'u_1', keep: 1 });
    });
    const runs = await store.read.recalls.runs({ recallId: kept.id, limit: 500 });
    expect(runs.map(({ token }) => token)).toEqual(Array.from({ length: 200 }, (_, index) => 210 - index));
    const left = await store.read.recalls.list({ userId: 'u_1', limit: 10 });
    expect(left.map(({ recall }) => recall.createdAt)).toEqual([at(5), at(1)]);
  });
};

const testClaims = (name: string, newPlace: () => Promise<StorePlace>): void => {
  test(`${name}: N11: of many who claim a recall exactly one does; only its token writes, until another takes over`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const { id } = newRecall();
    await write(store, (recalls) => recalls.create(newRecall({ id }), null));
    const [seen] = await store.read.recalls.due({ now: at(60), limit: 1 });
    if (seen === undefined) throw new Error('it is not due');
    const claim = (by: string) =>
      write(store, (recalls) => recalls.claim({ seen, by, leaseUntil: at(90), nextAt: at(120) }));
    const tokens = await Promise.all(Array.from({ length: 20 }, (_, index) => claim(`main:${index}`)));
    expect(tokens.filter((token) => token !== undefined)).toEqual([1]);
    const [held] = await store.read.recalls.claimed();
    expect(held).toMatchObject({ recall: { id, nextAt: at(120), isRunning: true }, claim: { token: 1 } });
    const claimed = held?.claim ?? fail();
    expect(await store.read.recalls.due({ now: at(999), limit: 1 })).toEqual([]);
    expect(await write(store, (recalls) => recalls.renew({ id, token: 1, leaseUntil: at(95) }))).toBe(true);
    const takeOver = { id, by: 'main:x', leaseUntil: at(200) };
    expect(await write(store, (recalls) => recalls.takeOver({ ...takeOver, seen: claimed }))).toBe(undefined);
    const seenNow = { ...claimed, leaseUntil: at(95) };
    expect(await write(store, (recalls) => recalls.takeOver({ ...takeOver, seen: seenNow }))).toBe(2);
    expect(await write(store, (recalls) => recalls.renew({ id, token: 1, leaseUntil: at(300) }))).toBe(false);
    expect(await write(store, (recalls) => recalls.release({ id, token: 1 }))).toBe(false);
    expect(await write(store, (recalls) => recalls.release({ id, token: 2 }))).toBe(true);
    expect((await store.read.recalls.get(id))?.recall.isRunning).toBe(false);
  });

  test(`${name}: N11: a run ends once, for the token that it was begun with`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const { id } = newRecall();
    const run = newRun(id, { token: 3 });
    await write(store, (recalls) => recalls.create(newRecall({ id }), null));
    await write(store, (recalls) => recalls.addRun(run));
    const end = { id: run.id, state: 'failed' as const, at: at(9), runId: 'r_1111', answer: null };
    const error = { code: 'DEADLINE', message: 'too long' };
    expect(await write(store, (recalls) => recalls.endRun({ ...end, token: 2, error }))).toBeUndefined();
    const ended = await write(store, (recalls) => recalls.endRun({ ...end, token: 3, error }));
    expect(ended).toEqual({ ...run, state: 'failed', endedAt: at(9), runId: 'r_1111', error });
    expect(await write(store, (recalls) => recalls.endRun({ ...end, token: 3, error }))).toBeUndefined();
  });
};

const fail = (): never => {
  throw new Error('there is no claim');
};
