/** What of a run is on disk when: before it is shown, before calls are made, before machines forget (A3, N7, L1). */
import { fsync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type AgentEvent, noModel, type RunAgent } from '@navisai/agent';
import type { Profile, Session } from '@navisai/protocol';
import { createEventFeed, createMemoryBus, openSqliteStore, StoreKeeper } from '@navisai/store';
import { until } from '@navisai/testkit';
import pino from 'pino';
import { expect, test } from 'vitest';
import { createAgentMessages } from '../conversation/agent-messages.ts';
import { LiveRun } from './live-run.ts';
import { noUsage } from './run-rows.ts';

const at = '2026-01-01T00:00:00.000Z';
const session: Session = {
  id: 's_1111',
  kind: 'agent',
  title: 'about disks',
  userId: 'u_owner',
  instanceId: 'main',
  createdAt: at,
  updatedAt: at,
  seq: 0,
};
const profile = { id: 'developer', name: 'Developer', tools: [], max_iterations: 5 } as unknown as Profile;

/** A store whose disk confirms while it is let. */
const openDisk = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nr-'));
  const disk = { held: undefined as PromiseWithResolvers<void> | undefined };
  const flush = async (file: number): Promise<void> => {
    await disk.held?.promise;
    await promisify(fsync)(file);
  };
  const keeper = new StoreKeeper(() => openSqliteStore({ file: join(folder, 'navis.db'), flush }));
  await keeper.start();
  const feed = createEventFeed(keeper, createMemoryBus());
  await feed.transaction(({ sessions }) => sessions.create(session));
  return {
    keeper,
    feed,
    hold: () => void (disk.held = Promise.withResolvers()),
    let: () => disk.held?.resolve(),
    async [Symbol.asyncDispose]() {
      disk.held?.resolve();
      await keeper[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

type Disk = Awaited<ReturnType<typeof openDisk>>;

/** Begins a run whose loop tells these events; `did` is what it came to, what was shown and what was acknowledged. */
const begin = async ({ keeper, feed }: Disk, events: (did: string[]) => AsyncGenerator<AgentEvent, void, void>) => {
  const did: string[] = [];
  const runAgent: RunAgent = () => events(did);
  const order = {
    thread: '',
    model: null,
    actor: {
      userId: session.userId,
      requester: { kind: 'agent' as const, name: 'Developer' },
      profile,
      approvals: 'risky' as const,
      nodeId: null,
      directory: null,
      depth: 0,
      mayAsk: true,
    },
  };
  const shown = feed.follow({ stream: session.id, after: 0, signal: new AbortController().signal });
  await shown.next();
  void (async () => {
    for await (const item of shown) if (item.kind === 'event') did.push(`shown ${item.event.event.type}`);
  })();
  const run = new LiveRun(
    { id: 'r_1111', session, order: async () => order, parent: null, continues: null },
    {
      keeper,
      feed,
      runAgent,
      now: Date.now,
      log: pino({ level: 'silent' }),
      instanceId: 'main',
      models: { resolve: () => noModel, hasAny: () => true },
      profiles: {
        list: async () => ({ profiles: [], problems: [] }),
        get: async () => ({ profile, systemPrompt: '' }),
      },
      prompts: { systemPrompt: async () => 'You help.' },
      toolbox: {
        register: () => undefined,
        unregister: () => undefined,
        find: () => undefined,
        onRegistered: () => () => undefined,
        toolsFor: () => [],
      },
      messages: createAgentMessages({ read: () => Promise.reject(new Error('no files')) } as never),
      tokensBelow: () => 0,
      acknowledgeCall: ({ callId }) => did.push(`acknowledged ${callId}`),
      onChange: () => undefined,
    },
  );
  void run.started.then(() => did.push('started'));
  return { run, did };
};

const callId = 'c_12345678';
const text = (said: string): AgentEvent => ({ type: 'delta', part: 0, kind: 'text', text: said });
const asks: AgentEvent = {
  type: 'message',
  message: { role: 'assistant', parts: [{ type: 'tool_call', callId, tool: 'terminal', arguments: {} }] },
};
const answers: AgentEvent = {
  type: 'message',
  message: { role: 'tool', results: [{ callId, tool: 'terminal', output: 'done', success: true }] },
};
const end: AgentEvent = { type: 'end', reason: 'completed', usage: noUsage, error: null };
const moments = async (): Promise<void> => {
  for (let count = 0; count < 20; count += 1) await new Promise((resolve) => setImmediate(resolve));
};

test('A3, L1: the model is asked before it is on disk that there is a run; nothing of it is shown before', async () => {
  await using disk = await openDisk();
  disk.hold();
  const { run, did } = await begin(disk, async function* (done) {
    done.push('asked');
    yield text('Hello.');
    done.push('goes on');
    yield end;
  });
  await until('the model is asked', () => did.includes('asked'));
  await moments();
  expect(did).toEqual(['asked']);
  disk.let();
  await run.ended;
  await until('the end is shown', () => did.includes('shown stream_end'));
  expect(did.indexOf('shown stream_start')).toBeLessThan(did.indexOf('shown stream_delta'));
  expect(did.indexOf('started')).toBeLessThan(did.indexOf('goes on'));
});

test('A3, N7: calls are made when what asks for them is on disk; the model is asked on before their results are, which machines keep until then', async () => {
  await using disk = await openDisk();
  const { run, did } = await begin(disk, async function* (done) {
    yield text('Let me look.');
    disk.hold();
    done.push('asks for a call');
    yield asks;
    done.push('calls');
    disk.hold();
    yield answers;
    done.push('asked on');
    yield text('There it is.');
    yield { type: 'message', message: { role: 'assistant', parts: [{ type: 'text', text: 'There it is.' }] } };
    yield end;
  });
  await until('it asks for a call', () => did.includes('asks for a call'));
  await moments();
  expect(did).not.toContain('calls');
  disk.let();
  await until('the model is asked on', () => did.includes('asked on'));
  await moments();
  expect(did).not.toContain(`acknowledged ${callId}`);
  disk.let();
  expect(await run.ended).toMatchObject({ reason: 'completed', answer: 'There it is.' });
  expect(did).toContain(`acknowledged ${callId}`);
  const kept = await disk.keeper.store.read.conversations.context(session.id, '');
  expect(kept.map(({ body }) => (body as { message: { role: string } }).message.role)).toEqual([
    'assistant',
    'tool',
    'assistant',
  ]);
});
