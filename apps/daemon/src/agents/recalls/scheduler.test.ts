/** Recalls run when they are due, exactly once, whatever clocks do. */
import type { RecallRun } from '@navisai/protocol';
import { until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { keep, ManualClock, openStore, type OpenStore, recallAt, silentLog } from './recalls.fixture.ts';
import type { CarryOut, RecallAlarm, RecallOutcome, RecallWork } from './recalls.types.ts';
import { RecallScheduler, type SchedulerTiming } from './scheduler.ts';

const start = Date.parse('2026-01-01T00:00:00Z');
const hour = 3_600_000;
const timing: SchedulerTiming = { leaseMs: 30_000, lookMs: 30_000, maxParallel: 8 };
const completed: RecallOutcome = { state: 'completed', runId: null, answer: 'done', error: null };

interface ScheduleOptions {
  clock?: ManualClock;
  name?: string;
  carryOut?: CarryOut;
  isGone?: (name: string) => boolean;
}

/** A scheduler with a clock by hand; what it carries out is told, and ends at once unless the test says otherwise. */
const schedule = (store: OpenStore, options: ScheduleOptions = {}) => {
  const { clock = new ManualClock(start), name = 'main:1' } = options;
  const begun: RecallWork[] = [];
  const alarms: RecallAlarm[] = [];
  const scheduler = new RecallScheduler({
    ...store,
    clock,
    name,
    timing,
    isGone: options.isGone,
    log: silentLog,
    onAlarm: (alarm) => alarms.push(alarm),
    carryOut: async (work) => {
      begun.push(work);
      return options.carryOut === undefined ? completed : options.carryOut(work);
    },
  });
  /** Until nothing is under way but what the test lets wait. */
  const settle = async (): Promise<void> => {
    do {
      await scheduler.wake();
      await new Promise((resolve) => setImmediate(resolve));
    } while (scheduler.runningCount > 0 && options.carryOut === undefined);
    await scheduler.wake();
  };
  return { scheduler, clock, begun, alarms, settle, pass: (ms: number) => clock.pass(ms, settle) };
};

const statesOf = (runs: RecallRun[]) => runs.map(({ state }) => state);

/** Answers when the test says so. */
const pending = () => {
  const work = new Map<string, PromiseWithResolvers<RecallOutcome>>();
  const carryOut: CarryOut = ({ recall, signal }) => {
    const answer = Promise.withResolvers<RecallOutcome>();
    work.set(recall.id, answer);
    signal.addEventListener('abort', () => answer.resolve({ ...completed, state: 'stopped' }));
    return answer.promise;
  };
  return { work, carryOut };
};

test('A5: a recall runs at its time, not before, and then again', async () => {
  await using store = await openStore();
  const id = await keep(store, recallAt(start + 90_000, { schedule: { kind: 'interval', seconds: 120 } }));
  const { begun, pass, settle } = schedule(store);
  await settle();
  await pass(89_000);
  expect(begun).toHaveLength(0);
  await pass(1100);
  expect(begun).toHaveLength(1);
  await pass(120_000);
  expect(begun.map(({ run }) => run.dueAt)).toEqual(['2026-01-01T00:01:30.000Z', '2026-01-01T00:03:30.000Z']);
  expect(await store.runs(id)).toMatchObject([
    { state: 'completed', attempt: 1, missed: 0, claimedBy: 'main:1', answer: 'done' },
    { state: 'completed', token: 1 },
  ]);
});

test('A5: every step is told: begun, ended, with the time of the next', async () => {
  await using store = await openStore();
  const id = await keep(store, recallAt(start));
  const { settle } = schedule(store);
  await settle();
  const { events } = await store.feed.read({ stream: 'hub', after: 0, limit: 10 });
  expect(events.map(({ event }) => event)).toMatchObject([
    { type: 'recall.updated', data: { change: 'started', recall: { id, isRunning: true } } },
    {
      type: 'recall.updated',
      data: {
        change: 'ended',
        recall: { id, isRunning: false, nextAt: '2026-01-01T00:01:00.000Z' },
        run: { state: 'completed' },
      },
    },
  ]);
  expect(JSON.stringify(events)).not.toContain('look after it');
});

test('A5: what is asked for runs at once, also when it is paused, and leaves the schedule alone', async () => {
  await using store = await openStore();
  const facts = recallAt(start + 60_000, { paused: true });
  const id = await keep(store, facts, new Date(start).toISOString());
  const { begun, settle } = schedule(store);
  await settle();
  expect(begun.map(({ run }) => run.cause)).toEqual(['asked']);
  expect((await store.keeper.store.read.recalls.get(id))?.recall).toMatchObject({ nextAt: facts.nextAt, paused: true });
});

test('A5: many that are due at once run a few at a time, and all of them', async () => {
  await using store = await openStore();
  for (let index = 0; index < 30; index += 1) await keep(store, recallAt(start - index, { schedule: { kind: 'now' } }));
  let [present, most] = [0, 0];
  const { begun, settle } = schedule(store, {
    async carryOut() {
      present += 1;
      most = Math.max(most, present);
      await until('others run beside it', () => present === timing.maxParallel || begun.length === 30);
      present -= 1;
      return completed;
    },
  });
  await until('all have run', async () => {
    await settle();
    return begun.length === 30 && present === 0;
  });
  expect(most).toBe(timing.maxParallel);
  expect(new Set(begun.map(({ recall }) => recall.id)).size).toBe(30);
});

test('A5: missed runs: once, left out, or each', async () => {
  await using store = await openStore();
  const [once, skip, all] = [
    await keep(store, recallAt(start - 5 * hour, { schedule: { kind: 'interval', seconds: 3600 } })),
    await keep(store, recallAt(start - 5.5 * hour, { schedule: { kind: 'interval', seconds: 3600 }, missed: 'skip' })),
    await keep(store, recallAt(start - 5 * hour, { schedule: { kind: 'interval', seconds: 3600 }, missed: 'run_all' })),
  ];
  const { pass, settle, alarms } = schedule(store);
  await settle();
  await pass(1000);
  expect(await store.runs(once)).toMatchObject([{ state: 'completed', missed: 5 }]);
  expect(await store.runs(skip)).toMatchObject([{ state: 'missed', missed: 6 }]);
  expect(statesOf(await store.runs(all))).toEqual(Array.from({ length: 6 }, () => 'completed'));
  expect(alarms).toEqual([]);
});

test('A5: a run that was missed for good, and one that failed, raise an alarm', async () => {
  await using store = await openStore();
  const at = new Date(start - hour).toISOString();
  const missed = await keep(store, recallAt(start - hour, { schedule: { kind: 'once', at }, missed: 'skip' }));
  const failing = await keep(store, recallAt(start));
  await keep(store, recallAt(start, { notify: 'never' }));
  const failed: RecallOutcome = { ...completed, state: 'failed', error: { code: 'X', message: 'why' } };
  const { alarms, settle } = schedule(store, { carryOut: async () => failed });
  await settle();
  await until('both are told', () => alarms.length === 2);
  expect(alarms.map(({ recall, run }) => [recall.id, run.state])).toEqual([
    [missed, 'missed'],
    [failing, 'failed'],
  ]);
  expect(alarms[1]?.run.error).toEqual({ code: 'X', message: 'why' });
});

test('A5: when the clock jumps ahead, what is passed is missed, and one look later all is as it should be', async () => {
  await using store = await openStore();
  const id = await keep(store, recallAt(start + 60_000));
  const { clock, begun, settle, pass } = schedule(store);
  await settle();
  clock.set(start + 5 * hour);
  await pass(30_000);
  expect(begun.map(({ run }) => run.missed)).toEqual([5 * 60 - 1]);
  expect((await store.keeper.store.read.recalls.get(id))?.recall.nextAt).toBe('2026-01-01T05:01:00.000Z');
});

test('A5: when the clock is set back, an interval goes on, and a cron time that was had is not repeated', async () => {
  await using store = await openStore();
  const interval = await keep(store, recallAt(start));
  const schedules = { kind: 'cron', expression: '0 0 * * *', timezone: 'UTC' } as const;
  const nightly = await keep(store, recallAt(start, { schedule: schedules }));
  const { clock, settle, pass } = schedule(store);
  await settle();
  clock.set(start - 2 * hour);
  await pass(95_000);
  expect((await store.runs(interval)).length).toBeGreaterThanOrEqual(2);
  await pass(2 * hour);
  expect(await store.runs(nightly)).toHaveLength(1);
});

test('A5: a clock that was years ahead is followed when it is set right', async () => {
  await using store = await openStore();
  const years = start + 4 * 365 * 24 * hour;
  const schedules = { kind: 'cron', expression: '0 0 * * *', timezone: 'UTC' } as const;
  const id = await keep(store, recallAt(years, { schedule: schedules }));
  const { clock, settle, pass } = schedule(store, { clock: new ManualClock(years + 1000) });
  await settle();
  expect(await store.runs(id)).toHaveLength(1);
  clock.set(start + hour);
  await pass(30_000);
  expect((await store.keeper.store.read.recalls.get(id))?.recall.nextAt).toBe('2026-01-02T00:00:00.000Z');
});

test('N11: three schedulers on one store run each recall exactly once', async () => {
  await using store = await openStore();
  const clock = new ManualClock(start);
  const ids: string[] = [];
  for (let index = 0; index < 40; index += 1) ids.push(await keep(store, recallAt(start + index * 1000)));
  const shared = Promise.withResolvers<void>();
  // Whoever is faster has its hands full until another begins one too.
  const carryOut: CarryOut = async () => {
    if (all.filter((one) => one.begun.length > 0).length > 1) shared.resolve();
    await shared.promise;
    return completed;
  };
  const all = ['a', 'b', 'c'].map((name) => schedule(store, { clock, name: `main:${name}`, carryOut }));
  const settle = () => Promise.all(all.map((one) => one.settle()));
  await settle();
  await clock.pass(58_000, settle);
  const begun = all.flatMap((one) => one.begun.map(({ recall }) => recall.id));
  expect(begun.toSorted()).toEqual(ids.toSorted());
  expect(all.filter((one) => one.begun.length > 0).length).toBeGreaterThan(1);
});

test('N11: a claimer that renews is left alone for as long as it takes, also when clocks jump', async () => {
  await using store = await openStore();
  const clock = new ManualClock(start);
  const { work, carryOut } = pending();
  const id = await keep(store, recallAt(start, { schedule: { kind: 'now' } }));
  const owner = schedule(store, { clock, name: 'main:owner', carryOut });
  const other = schedule(store, { clock, name: 'main:other' });
  const settle = () => Promise.all([owner.settle(), other.settle()]);
  await settle();
  clock.set(start + 24 * hour);
  await clock.pass(10 * 60_000, settle);
  clock.set(start - 24 * hour);
  await clock.pass(10 * 60_000, settle);
  expect([owner.begun.length, other.begun.length].toSorted()).toEqual([0, 1]);
  if (other.begun.length === 1) return;
  work.get(id)?.resolve(completed);
  await until('it is kept', async () => (await store.runs(id))[0]?.state === 'completed');
});

test('N11: what a dead claimer left runs once more, marked, and not a third time', async () => {
  await using store = await openStore();
  const id = await keep(store, recallAt(start, { schedule: { kind: 'now' } }));
  const claimAndDie = async (name: string, clock: ManualClock) => {
    const dying = schedule(store, { clock, name, carryOut: pending().carryOut });
    await dying.settle();
    await clock.pass(45_000, dying.settle);
    await clock.pass(45_000, dying.settle);
    const { begun } = dying;
    await dying.scheduler[Symbol.asyncDispose]();
    return begun.length;
  };
  expect(await claimAndDie('main:1', new ManualClock(start))).toBe(1);
  expect(await claimAndDie('main:2', new ManualClock(start + hour))).toBe(1);
  expect(await store.runs(id)).toMatchObject([
    { state: 'running', attempt: 2, claimedBy: 'main:2' },
    { state: 'interrupted', attempt: 1, claimedBy: 'main:1' },
  ]);
  const last = schedule(store, { clock: new ManualClock(start + 2 * hour) });
  await last.settle();
  await last.pass(70_000);
  expect(last.begun).toEqual([]);
  expect(last.alarms.map(({ run }) => [run.state, run.attempt])).toEqual([['interrupted', 2]]);
  expect(statesOf(await store.runs(id))).toEqual(['interrupted', 'interrupted']);
});

test('N11: what an earlier process of the same hub left is taken over at once', async () => {
  await using store = await openStore();
  const id = await keep(store, recallAt(start, { schedule: { kind: 'now' } }));
  const before = schedule(store, { carryOut: pending().carryOut });
  await before.settle();
  await before.scheduler[Symbol.asyncDispose]();
  const after = schedule(store, { name: 'main:2', isGone: (name) => name === 'main:1' });
  await after.settle();
  expect(await store.runs(id)).toMatchObject([{ state: 'completed', attempt: 2 }, { state: 'interrupted' }]);
});

test('N11: a claimer that was taken over keeps nothing, and is stopped', async () => {
  await using store = await openStore();
  const { work, carryOut } = pending();
  const id = await keep(store, recallAt(start, { schedule: { kind: 'now' } }));
  const slow = schedule(store, { carryOut });
  await slow.settle();
  const held = (await store.keeper.store.read.recalls.claimed())[0]?.claim;
  if (held === undefined || held === null) throw new Error('it is not claimed');
  const leaseUntil = new Date(start + hour).toISOString();
  await store.feed.transaction(({ recalls }) => recalls.takeOver({ id, seen: held, by: 'main:2', leaseUntil }));
  work.get(id)?.resolve(completed);
  await until('it is left', () => slow.scheduler.runningCount === 0);
  expect(statesOf(await store.runs(id))).toEqual(['running']);
  expect((await store.keeper.store.read.recalls.get(id))?.claim).toMatchObject({ by: 'main:2', token: 2 });
});

test('A5: what is removed while it runs is stopped', async () => {
  await using store = await openStore();
  const { carryOut } = pending();
  const id = await keep(store, recallAt(start));
  const { scheduler, begun, settle } = schedule(store, { carryOut });
  await settle();
  await store.feed.transaction(({ recalls }) => recalls.remove(id));
  scheduler.cancel(id);
  await until('it is stopped', () => scheduler.runningCount === 0);
  expect(begun[0]?.signal.aborted).toBe(true);
});
