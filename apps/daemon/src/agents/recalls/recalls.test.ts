/** Recalls as people and agents make them: permissions that never grow, runs that end early, tools. */
import { newId, newRecallSchema, profileSchema, type Profile, type Recall, type Session } from '@navisai/protocol';
import { until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import type { Actor, RunOrder, RunOutcome } from '../agents.types.ts';
import { commonTools } from './permissions.ts';
import { recallTools } from './recall-tools.ts';
import { ManualClock, openStore, silentLog } from './recalls.fixture.ts';
import type { RecallAlarm } from './recalls.types.ts';
import { Recalls } from './recalls.ts';

const start = Date.parse('2026-01-01T00:00:00Z');
const person = { userId: 'u_owner', name: 'laptop' };
const completed: RunOutcome = { runId: 'r_1111', reason: 'completed', answer: 'all is well', error: null };

const profileOf = (facts: Partial<Profile> = {}): Profile =>
  profileSchema.parse({
    id: 'developer',
    name: 'Developer',
    description: '',
    tools: ['terminal', 'filesystem', 'mcp:*'],
    ...facts,
  });

type Options = { run?: (order: RunOrder) => Promise<RunOutcome>; profiles?: Profile[] };

/** Recalls on a store of their own; the agent behind them does what the test says. */
const openRecalls = async ({ run = async () => completed, profiles = [profileOf()] }: Options = {}) => {
  const store = await openStore();
  const clock = new ManualClock(start);
  const orders: RunOrder[] = [];
  const alarms: RecallAlarm[] = [];
  const openSession = async (userId: string, profile = 'developer'): Promise<Session> => {
    const agent = { profile, nodeId: null, directory: null, model: null, approvals: null } as const;
    const session = {
      id: newId('session'),
      title: 'x',
      userId,
      instanceId: 'main',
      createdAt: '2026-01-01T00:00:00.000Z',
    };
    const settings = { ...agent, projectId: null, forkedFrom: null, acpAgent: null };
    await store.feed.transaction(({ sessions }) => sessions.create({ ...session, kind: 'agent', agent: settings }));
    const made = await store.keeper.store.read.sessions.get(session.id);
    if (made === undefined) throw new Error('no session');
    return made;
  };
  const recalls = new Recalls({
    ...store,
    clock,
    log: silentLog,
    instanceId: 'main',
    findNode: (name) => (name === 'n_nas1' || name === 'nas' ? { id: 'n_nas1' } : undefined),
    openSession: ({ userId, profile }) => openSession(userId, profile),
    profiles: {
      list: async () => ({ profiles: [], problems: [] }),
      get: async (id) => {
        const profile = profiles.find((one) => one.id === id);
        if (profile === undefined) throw new Error(`no profile ${id}`);
        return { profile, systemPrompt: '' };
      },
    },
    runs: {
      run: async (order) => {
        orders.push(order);
        return run(order);
      },
    },
  });
  recalls.onAlarm((alarm) => alarms.push(alarm));
  const ended = (id: string) =>
    until('it ended', async () => {
      const [last] = await store.runs(id);
      return last !== undefined && last.state !== 'running' ? last : undefined;
    });
  return {
    store,
    clock,
    orders,
    alarms,
    recalls,
    openSession,
    ended,
    tools: new Map(recallTools(recalls).map((tool) => [tool.name, tool])),
    async [Symbol.asyncDispose]() {
      await recalls[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
};

const now = { kind: 'now' } as const;
const given = (facts: Record<string, unknown> = {}) =>
  newRecallSchema.parse({ title: 'check', task: 'look after it', schedule: now, ...facts });

const actorIn = (session: Session, facts: Partial<Actor> = {}): Actor => ({
  session,
  userId: session.userId,
  requester: { kind: 'agent', name: 'Developer' },
  runId: 'r_2222',
  profile: profileOf(),
  approvals: 'risky',
  nodeId: null,
  directory: null,
  depth: 0,
  mayAsk: true,
  ...facts,
});

test('A5: an immediate recall runs as its own conversation, under what was fixed when it was made', async () => {
  await using world = await openRecalls();
  const { recalls, orders, ended, store } = world;
  const recall = await recalls.create(person, given({ approvals: 'always' }));
  expect(await ended(recall.id)).toMatchObject({ state: 'completed', runId: 'r_1111', answer: 'all is well' });
  const [order] = orders;
  expect(order?.actor).toMatchObject({
    userId: 'u_owner',
    requester: { kind: 'recall', name: 'check' },
    approvals: 'always',
    mayAsk: false,
    rulesUntil: recall.createdAt,
    profile: { tools: ['terminal', 'filesystem', 'mcp:*'] },
  });
  expect(order?.task).toContain('look after it');
  const kept = await recalls.visible(person, recall.id);
  expect(kept).toMatchObject({ sessionId: order?.session.id, nextAt: null, isRunning: false });
  expect((await store.runs(recall.id))[0]?.sessionId).toBe(order?.session.id);
  await recalls.runNow(kept);
  await until('it ran again', async () => (await store.runs(recall.id)).length === 2);
  expect(orders[1]?.session.id).toBe(order?.session.id);
});

test('A5: a call that would ask fails the recall at once and raises an alarm', async () => {
  await using world = await openRecalls({
    run: async ({ actor, signal }) => {
      actor.onUnanswerable?.('terminal: rm -rf build');
      return { ...completed, reason: signal.aborted ? 'stopped' : 'completed' };
    },
  });
  const recall = await world.recalls.create(person, given());
  expect(await world.ended(recall.id)).toMatchObject({
    state: 'failed',
    error: { code: 'APPROVAL_REQUIRED', message: expect.stringContaining('rm -rf build') },
  });
  await until('it is told', () => world.alarms.length === 1);
});

test('A5: a recall that may ask waits, for as long as it was given', async () => {
  await using world = await openRecalls();
  const recall = await world.recalls.create(person, given({ mayAsk: true, waitMinutes: 5 }));
  await world.ended(recall.id);
  expect(world.orders[0]?.actor).toMatchObject({ mayAsk: true, waitMs: 300_000, onUnanswerable: undefined });
});

test('A5: a run that takes longer than its limit is stopped and failed', async () => {
  await using world = await openRecalls({
    run: ({ signal }) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve({ ...completed, reason: 'stopped' }));
      }),
  });
  const recall = await world.recalls.create(person, given({ limitMinutes: 1 }));
  await until('it began', () => world.orders.length === 1);
  await world.clock.pass(61_000, async () => undefined);
  expect(await world.ended(recall.id)).toMatchObject({ state: 'failed', error: { code: 'DEADLINE' } });
});

test('A5: what cannot be is refused before anything is kept', async () => {
  await using world = await openRecalls();
  const { recalls, openSession } = world;
  const foreign = await openSession('u_other');
  const refused = [
    given({ schedule: { kind: 'cron', expression: '0 0 30 2 *', timezone: 'UTC' } }),
    given({ schedule: { kind: 'once', at: '2020-01-01T00:00:00.000Z' } }),
    given({ profile: 'none' }),
    given({ nodeId: 'n_gone' }),
    given({ sessionId: foreign.id }),
  ];
  for (const one of refused) await expect(recalls.create(person, one)).rejects.toThrow();
  expect(await recalls.list('u_owner')).toEqual([]);
  expect(
    newRecallSchema.safeParse({ title: 'x', task: 'y', schedule: { kind: 'interval', seconds: 59 } }).success,
  ).toBe(false);
});

test('A5: paused, resumed, changed; permissions stay; another user sees nothing', async () => {
  await using world = await openRecalls();
  const { recalls, clock, orders } = world;
  const made = await recalls.create(person, given({ schedule: { kind: 'interval', seconds: 60 } }));
  const paused = await recalls.change(made, { paused: true });
  await clock.pass(200_000, () => recalls.start());
  expect(orders).toEqual([]);
  const resumed = await recalls.change(paused, { paused: false });
  expect(resumed).toMatchObject({ nextAt: '2026-01-01T00:04:00.000Z', permissions: made.permissions });
  const cron = { kind: 'cron', expression: '0 9 * * *', timezone: 'UTC' } as const;
  expect((await recalls.change(resumed, { schedule: cron })).nextAt).toBe('2026-01-01T09:00:00.000Z');
  await expect(recalls.visible({ userId: 'u_other' }, made.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect((await recalls.visible({ userId: 'u_admin', scope: 'admin' }, made.id)).id).toBe(made.id);
  await recalls.remove(made);
  await expect(recalls.visible(person, made.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test("A5: an agent's recall may never more than the agent: approvals, tools, questions, rules", async () => {
  const wide = profileOf({ id: 'server_admin', tools: ['terminal', 'ssh_exec', 'mcp:*'], approvals: 'never' });
  await using world = await openRecalls({ profiles: [profileOf(), wide] });
  const session = await world.openSession('u_owner');
  const actor = actorIn(session, {
    profile: profileOf({ tools: ['terminal', 'mcp:notes', 'schedule_recall'] }),
    mayAsk: false,
    rulesUntil: '2025-06-01T00:00:00.000Z',
    depth: 1,
  });
  const result = await world.tools.get('schedule_recall')?.execute(actor, {
    callId: newId('call'),
    tool: 'schedule_recall',
    arguments: {
      title: 'nightly',
      task: 'look',
      schedule: { kind: 'once', at: '2026-05-01T09:00:00+02:00' },
      profile: 'server_admin',
      approvals: 'never',
      may_ask: true,
    },
    signal: new AbortController().signal,
  });
  expect(result).toMatchObject({ success: true });
  const [recall] = await world.recalls.list('u_owner');
  expect(recall).toMatchObject({
    nextAt: '2026-05-01T07:00:00.000Z',
    permissions: {
      approvals: 'risky',
      tools: ['terminal', 'mcp:notes'],
      mayAsk: false,
      depth: 1,
      rulesUntil: '2025-06-01T00:00:00.000Z',
    },
  });
});

test("A5: tools that a profile gains later are not the recall's, those it loses are lost", () => {
  expect(commonTools(['terminal', 'ssh_exec'], ['terminal', 'filesystem'])).toEqual(['terminal']);
  expect(commonTools(['mcp:*'], ['mcp:notes'])).toEqual(['mcp:notes']);
  expect(commonTools(['mcp:notes', 'mcp:mail'], ['mcp:*'])).toEqual(['mcp:notes', 'mcp:mail']);
});

test('A5, P5: manage_recall lists, pauses, resumes, runs, tells the history and cancels; only reading is harmless', async () => {
  await using world = await openRecalls();
  const { recalls, openSession, tools, ended } = world;
  const recall: Recall = await recalls.create(person, given({ schedule: { kind: 'interval', seconds: 3600 } }));
  const tool = tools.get('manage_recall');
  const actor = actorIn(await openSession('u_owner'));
  const manage = async (action: string, who = actor) =>
    tool?.execute(who, {
      callId: newId('call'),
      tool: 'manage_recall',
      arguments: { action, recall_id: recall.id },
      signal: new AbortController().signal,
    });
  expect((await manage('list'))?.output).toContain(recall.id);
  expect((await manage('pause'))?.output).toContain('paused');
  expect((await manage('resume'))?.output).toContain('next 2026-01-01T01:00:00.000Z');
  await manage('run_now');
  await ended(recall.id);
  expect((await manage('history'))?.output).toContain('completed: all is well');
  const stranger = actorIn(await openSession('u_other'));
  expect(await manage('cancel', stranger)).toMatchObject({ success: false, error: { code: 'NOT_FOUND' } });
  expect((await manage('cancel'))?.success).toBe(true);
  expect(await recalls.list('u_owner')).toEqual([]);
  expect(
    ['list', 'history', 'cancel', 'run_now'].map((action) => tool?.risk({ action, recall_id: recall.id })),
  ).toEqual(['reading', 'reading', 'changing', 'changing']);
});
