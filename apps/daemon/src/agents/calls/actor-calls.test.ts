/** Calls that the hub carries out itself: made once, told to their end, and not made where that cannot be kept (A2, N7, N9). */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ToolEvent } from '@navisai/machine';
import type { Risk, ToolResult } from '@navisai/protocol';
import { createEventFeed, createMemoryBus, openSqliteStore, StoreKeeper } from '@navisai/store';
import pino from 'pino';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Actor, ActorCalls } from '../agents.types.ts';
import { createPlanTool } from '../hub-tools/plan.ts';
import { createActorCalls } from './actor-calls.ts';
import { HubCalls } from './hub-calls.ts';
import { createToolbox } from './toolbox.ts';

const sessionId = 's_1111';
const actor = { session: { id: sessionId }, userId: 'u_owner', runId: 'r_1111' } as Actor;
const ref = { sessionId, callId: 'c_12345678' };
const done: ToolResult = { success: true, output: 'done', metadata: {} };
const log = pino({ level: 'silent' });

const openBench = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nc-'));
  const keeper = new StoreKeeper(() => openSqliteStore({ file: join(folder, 'navis.db') }));
  await keeper.start();
  const feed = createEventFeed(keeper, createMemoryBus());
  const told: ToolEvent[] = [];
  const toolbox = createToolbox({ machineTools: [], calls: () => calls });
  const newCalls = (): { hubCalls: HubCalls; calls: ActorCalls } => {
    const hubCalls = new HubCalls({ keeper, feed, now: Date.now, log });
    return {
      hubCalls,
      calls: createActorCalls({
        path: { tools: [] } as never,
        toolbox,
        gate: { authorise: async () => ({ kind: 'allowed', authority: null, isUnmasked: false }) },
        fleet: { announce: (event: ToolEvent) => void told.push(event) } as never,
        log,
        hubCalls,
        onWaiting: () => undefined,
        onNodeConnected: () => () => undefined,
      }),
    };
  };
  const { hubCalls, calls } = newCalls();
  return {
    keeper,
    feed,
    told,
    toolbox,
    hubCalls,
    newCalls,
    call: (tool: string, given: unknown = {}, by = calls) =>
      by.execute(actor, { callId: ref.callId, tool, arguments: given, signal: new AbortController().signal }),
    /** A tool that counts how often it acted. */
    register(risk: Risk, act: () => Promise<ToolResult> = async () => done) {
      const counted = { times: 0 };
      const execute = (): Promise<ToolResult> => {
        counted.times += 1;
        return act();
      };
      toolbox.register({ name: 'act', description: '', schema: z.strictObject({}), risk: () => risk, execute });
      return counted;
    },
    async [Symbol.asyncDispose]() {
      await keeper[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

test('N7: a call that is asked for again while it goes on, and when it ended, also by another process, acts once', async () => {
  await using bench = await openBench();
  const ending = Promise.withResolvers<ToolResult>();
  const acted = bench.register('changing', () => ending.promise);
  const both = [bench.call('act'), bench.call('act')];
  await expect.poll(() => acted.times).toBe(1);
  const another = bench.newCalls();
  expect(await bench.call('act', {}, another.calls)).toMatchObject({ error: { code: 'INTERRUPTED' } });
  ending.resolve(done);
  for (const result of await Promise.all(both)) expect(result).toMatchObject({ success: true, output: 'done' });
  expect(await bench.call('act', {}, another.calls)).toMatchObject({ success: true, output: 'done' });
  expect(acted.times).toBe(1);
  another.hubCalls.acknowledge(ref);
  await expect.poll(() => bench.keeper.store.read.conversations.hubCall(ref)).toBeUndefined();
});

test('N7: what only reads leaves no record', async () => {
  await using bench = await openBench();
  const acted = bench.register('reading');
  await bench.call('act');
  expect(await bench.keeper.store.read.conversations.hubCall(ref)).toBeUndefined();
  await bench.call('act');
  expect(acted.times).toBe(2);
});

test('N7: where it cannot be kept that a call begins, it is not made', async () => {
  await using bench = await openBench();
  const acted = bench.register('changing');
  await bench.keeper[Symbol.asyncDispose]();
  expect(await bench.call('act')).toMatchObject({ success: false });
  expect(acted.times).toBe(0);
});

test('N9: a plan that cannot be kept is told as a failure, and its end is told', async () => {
  await using bench = await openBench();
  bench.toolbox.register(createPlanTool(bench.feed));
  await bench.keeper[Symbol.asyncDispose]();
  const entries = [{ content: 'Look.', priority: 'medium', status: 'pending' }];
  expect(await bench.call('plan', { entries })).toMatchObject({ success: false });
  expect(bench.told.map(({ type }) => type)).toEqual(['tool_started', 'tool_call']);
});

test('N9: the end of a tool that breaks is told', async () => {
  await using bench = await openBench();
  bench.register('changing', () => Promise.reject(new Error('broken')));
  expect(await bench.call('act')).toMatchObject({ success: false, error: { code: 'INTERNAL' } });
  expect(bench.told.map(({ type }) => type)).toEqual(['tool_started', 'tool_call']);
});
