/** The loop of a sub-agent across a link: its events, its questions, its calls, its end (N8). */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { FrameFate } from '@navisai/link';
import { makeLocalTarget } from '@navisai/machine/suites';
import { newId } from '@navisai/protocol';
import type { NodeModelEvent } from '@navisai/protocol';
import { endOf, hearRun, runId, says, smallLoop, specOf, wants } from './agent-run.fixture.ts';
import { nodeId, RemotePair } from './remote-pair.fixture.ts';
import type { AgentLoop } from './remote.types.ts';

const poll = { timeout: 20_000 };

test('N8: a loop on the node tells its events in order, asks the hub for the model and ends', async () => {
  await using local = await makeLocalTarget({ nodeId });
  await using pair = new RemotePair({ machine: local.machine, agentLoop: smallLoop });
  await pair.connect();
  const words: NodeModelEvent[] = Array.from({ length: 500 }, (_, index) => ({ type: 'text', text: `${index} ` }));
  const run = hearRun({ model: () => says(words) });
  pair.remote.startAgent({ runId, sessionId: newId('session'), spec: specOf() }, run);
  await expect.poll(() => run.isOver, poll).toBe(true);
  expect(run.lost).toBeUndefined();
  expect(run.text).toBe(Array.from({ length: 500 }, (_, index) => `${index} `).join(''));
  expect(run.events.at(-1)).toEqual(endOf());
});

test('N8: a call for the node runs there once the hub sends it, and answers the loop also while the link is cut', async () => {
  await using local = await makeLocalTarget({ nodeId });
  await using pair = new RemotePair({ machine: local.machine, agentLoop: smallLoop });
  await pair.connect();
  const sessionId = newId('session');
  const callId = newId('call');
  const given = { action: 'run', command: 'sleep 0.3; echo here' };
  const run = hearRun({
    model: () => says([wants(callId, given)]),
    call: async ({ tool, ...call }) => {
      const answer = pair.remote.execute({ ...call, tool, sessionId, userId: 'u_test', origin: 'agent' });
      await expect.poll(() => pair.events.some(({ type }) => type === 'tool_started'), poll).toBe(true);
      pair.cut();
      await delay(600);
      await pair.connect();
      return answer;
    },
  });
  pair.remote.startAgent({ runId, sessionId, spec: specOf() }, run);
  await expect.poll(() => run.isOver, poll).toBe(true);
  expect(run.lost).toBeUndefined();
  const result = run.events.find((event) => event.type === 'result');
  expect(result?.result).toMatchObject({ success: true, output: 'here\n', metadata: { call_id: callId } });
});

test('N8: what the hub refuses is not run, and its answer reaches the loop', async () => {
  await using local = await makeLocalTarget({ nodeId });
  await using pair = new RemotePair({ machine: local.machine, agentLoop: smallLoop });
  await pair.connect();
  const refusal = { success: false, output: '', error: { code: 'POLICY_DENIED', message: 'No.' }, metadata: {} };
  const run = hearRun({ model: () => says([wants(newId('call'), { action: 'run' })]), call: async () => refusal });
  pair.remote.startAgent({ runId, sessionId: newId('session'), spec: specOf() }, run);
  await expect.poll(() => run.isOver, poll).toBe(true);
  expect(run.events.find((event) => event.type === 'result')?.result).toMatchObject(refusal);
  expect(pair.events).toEqual([]);
});

test('N8: a stop ends the question under way on both sides, and the loop tells its end', async () => {
  await using local = await makeLocalTarget({ nodeId });
  await using pair = new RemotePair({ machine: local.machine, agentLoop: smallLoop });
  await pair.connect();
  const run = hearRun({
    async *model(signal) {
      yield { type: 'text', text: 'hm' };
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
  });
  const started = pair.remote.startAgent({ runId, sessionId: newId('session'), spec: specOf() }, run);
  await expect.poll(() => run.text, poll).toBe('hm');
  started.stop('enough');
  await expect.poll(() => run.isOver, poll).toBe(true);
  expect(run.events.at(-1)).toEqual(endOf('stopped'));
  expect(run.asked.every(({ aborted }) => aborted)).toBe(true);
});

test('A3, N8: a stop while the node is away ends the run here at once, and there at its next connection', async () => {
  await using local = await makeLocalTarget({ nodeId });
  const signals: AbortSignal[] = [];
  const agentLoop: AgentLoop = (run) => {
    signals.push(run.signal);
    return smallLoop(run);
  };
  await using pair = new RemotePair({ machine: local.machine, agentLoop });
  await pair.connect();
  const run = hearRun({ model: (signal) => waiting(signal) });
  const started = pair.remote.startAgent({ runId, sessionId: newId('session'), spec: specOf() }, run);
  await expect.poll(() => run.asked.length, poll).toBe(1);
  pair.cut();
  await expect.poll(() => pair.remote.isConnected, poll).toBe(false);
  started.stop('enough');
  expect(run.lost?.code).toBe('CANCELLED');
  await pair.connect();
  await expect.poll(() => signals[0]?.aborted, poll).toBe(true);
});

test('N8: another process of the node does not know the run: it is interrupted, and not begun again', async () => {
  await using local = await makeLocalTarget({ nodeId });
  await using pair = new RemotePair({ machine: local.machine, agentLoop: smallLoop });
  await pair.connect();
  const run = hearRun({
    async *model(signal) {
      yield { type: 'text', text: 'hm' };
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
  });
  pair.remote.startAgent({ runId, sessionId: newId('session'), spec: specOf() }, run);
  await expect.poll(() => run.text, poll).toBe('hm');
  pair.cut();
  await pair.service[Symbol.asyncDispose]();
  pair.serve(local.machine);
  await pair.connect();
  await expect.poll(() => run.lost?.code, poll).toBe('INTERRUPTED');
  expect(run.text).toBe('hm');
  expect(run.asked).toHaveLength(1);
});

test('N8: a node that stays away ends its runs with a failure, never a hang', async () => {
  await using local = await makeLocalTarget({ nodeId });
  const options = { agentGraceMs: 200 };
  await using pair = new RemotePair({ machine: local.machine, agentLoop: smallLoop, options });
  await pair.connect();
  const run = hearRun({ model: (signal) => waiting(signal) });
  pair.remote.startAgent({ runId, sessionId: newId('session'), spec: specOf() }, run);
  await expect.poll(() => run.asked.length, poll).toBe(1);
  pair.cut();
  await expect.poll(() => run.lost?.code, poll).toBe('INTERRUPTED');
  expect(run.asked[0]?.aborted).toBe(true);
});

test('N8: a hub that does not know a run any more, as after its restart, stops it on the node', async () => {
  await using local = await makeLocalTarget({ nodeId });
  const signals: AbortSignal[] = [];
  const agentLoop: AgentLoop = (run) => {
    signals.push(run.signal);
    return smallLoop(run);
  };
  await using pair = new RemotePair({ machine: local.machine, agentLoop, options: { agentGraceMs: 1 } });
  await pair.connect();
  const run = hearRun({ model: (signal) => waiting(signal) });
  pair.remote.startAgent({ runId, sessionId: newId('session'), spec: specOf() }, run);
  await expect.poll(() => run.asked.length, poll).toBe(1);
  pair.cut();
  await expect.poll(() => run.lost?.code, poll).toBe('INTERRUPTED');
  expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  await pair.connect();
  await expect.poll(() => signals[0]?.aborted, poll).toBe(true);
});

test('N8: a node without agents says so', async () => {
  await using local = await makeLocalTarget({ nodeId });
  await using pair = new RemotePair({ machine: local.machine });
  const order = { runId, sessionId: newId('session'), spec: specOf() };
  const away = hearRun({});
  pair.remote.startAgent(order, away);
  await expect.poll(() => away.lost?.code, poll).toBe('NODE_OFFLINE');
  await pair.connect();
  const run = hearRun({});
  pair.remote.startAgent(order, run);
  await expect.poll(() => run.lost?.message, poll).toContain('No sub-agents');
});

/** Repeatable faults. A connection that doubles does not lose as well: the count of what came would not tell it. */
const fates = (seed: number, kind: 'lose' | 'double') => {
  let state = seed;
  return (): FrameFate => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    const dice = (state >>> 8) % 1000;
    if (dice < 4) return 'cut';
    if (kind === 'lose' && dice < 8) return 'drop';
    if (kind === 'double' && dice < 60) return 'duplicate';
    return dice < 100 ? { delayMs: 1 } : 'deliver';
  };
};

test.each([
  [1, 'lose'],
  [2, 'double'],
  [3, 'lose'],
] as const)(
  'N7, N8: across cuts, losses and doubles each event is heard once, each call made once (seed %i, %s)',
  async (seed, kind) => {
    await using local = await makeLocalTarget({ nodeId });
    const fate = fates(seed, kind);
    await using pair = new RemotePair({
      machine: local.machine,
      agentLoop: smallLoop,
      onFrame: fate,
      heartbeatMs: 100,
    });
    pair.persist();
    await pair.connected();
    const words: NodeModelEvent[] = Array.from({ length: 1000 }, (_, index) => ({ type: 'text', text: `${index} ` }));
    const calls = Array.from({ length: 20 }, () => newId('call'));
    const run = hearRun({ model: () => says([...words, ...calls.map((callId) => wants(callId, {}))]) });
    for (;;) {
      pair.remote.startAgent({ runId, sessionId: newId('session'), spec: specOf() }, run);
      await delay(5);
      if (run.lost === undefined) break;
      // No connection at that moment.
      run.lost = undefined;
    }
    await expect.poll(() => run.isOver, { timeout: 60_000 }).toBe(true);
    expect(run.lost).toBeUndefined();
    expect(run.text).toBe(Array.from({ length: 1000 }, (_, index) => `${index} `).join(''));
    expect(run.asked).toHaveLength(1);
    expect(run.calls.map(({ callId }) => callId)).toEqual(calls);
    expect(run.events.filter(({ type }) => type === 'result')).toHaveLength(20);
    expect(pair.violations).toEqual([]);
  },
  90_000,
);

/** Says nothing until it is stopped. */
const waiting = async function* (signal: AbortSignal): AsyncGenerator<NodeModelEvent> {
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  yield { type: 'error', error: { code: 'CANCELLED', message: 'stopped', isRetryable: false } };
};
