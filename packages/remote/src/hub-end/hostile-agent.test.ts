/** What a hostile node says about runs: it is refused, bounded, and reaches no run but its own (N8). */
import { agentEventWindow, maxAgentAsks } from '@navisai/protocol';
import type { NodeAgentAsk, NodeAgentEvent } from '@navisai/protocol';
import { expect, test, vi } from 'vitest';
import { endOf, hearRun, modelEnd, runId, specOf } from '../agent-run.fixture.ts';
import type { HeardRun } from '../agent-run.fixture.ts';
import { callId, createScriptedHub, sessionId } from '../scripted-node.fixture.ts';
import type { ScriptedConnection, ScriptedHub } from '../scripted-node.fixture.ts';
import type { NodeAgentRun } from '../remote.types.ts';

interface Bench extends ScriptedHub {
  connection: ScriptedConnection;
  run: HeardRun;
  started: NodeAgentRun;
  token: string;
}

const begin = async (answers: Parameters<typeof hearRun>[0] = {}): Promise<Bench> => {
  const hub = createScriptedHub();
  const connection = hub.connect();
  connection.sync();
  const run = hearRun(answers);
  const started = hub.remote.startAgent({ runId, sessionId, spec: specOf() }, run);
  const start = await expect
    .poll(() => connection.framesOf('agent_start')[0])
    .toBeDefined()
    .then(() => connection.framesOf('agent_start')[0]);
  return { ...hub, connection, run, started, token: start?.token ?? '' };
};

const delta = (text: string): NodeAgentEvent => ({ type: 'delta', part: 0, kind: 'text', text });
const modelAsk: NodeAgentAsk = { name: 'model', request: { system: '', messages: [], tools: [] } };
const callAsk: NodeAgentAsk = { name: 'call', callId, tool: 'terminal', arguments: {} };

test('N8: a token that is not the run’s own ends the connection, and nothing is asked', async () => {
  const { connection, run, token, violations } = await begin();
  connection.say({ type: 'agent_ask', runId, id: 1, token: `${token.slice(0, -1)}_`, after: 0, ask: modelAsk });
  expect(violations).toEqual([expect.stringContaining('token')]);
  expect(run.asked).toHaveLength(0);
});

test('N8: the token of a run on another node is of no use here', async () => {
  const other = await begin();
  const hub = createScriptedHub();
  const connection = hub.connect();
  connection.sync();
  connection.say({ type: 'agent_ask', runId, id: 1, token: other.token, after: 0, ask: modelAsk });
  connection.say({ type: 'agent_event', runId, number: 1, event: delta('forged') });
  expect(connection.framesOf('agent_stop')).toHaveLength(2);
  expect(connection.framesOf('agent_answer')).toEqual([]);
  expect([other.run.asked, other.run.events]).toEqual([[], []]);
});

test('N8: a run that ended, or was stopped, asks nothing any more', async () => {
  const { connection, run, started, token } = await begin();
  started.stop('enough');
  connection.say({ type: 'agent_ask', runId, id: 1, token, after: 0, ask: callAsk });
  connection.say({ type: 'agent_event', runId, number: 1, event: endOf('stopped') });
  await expect.poll(() => run.isOver).toBe(true);
  connection.say({ type: 'agent_ask', runId, id: 2, token, after: 0, ask: callAsk });
  expect(run.calls).toEqual([]);
  expect(connection.framesOf('agent_answer')).toEqual([]);
});

test('N8: an ask that comes again is answered again and carried out once', async () => {
  const { connection, run, token } = await begin();
  const ask = { type: 'agent_ask', runId, id: 1, token, after: 0, ask: callAsk } as const;
  connection.say(ask);
  await expect.poll(() => connection.framesOf('agent_answer')).toHaveLength(1);
  connection.say(ask);
  expect(connection.framesOf('agent_answer')).toHaveLength(2);
  connection.say({ type: 'agent_taken', runId, id: 1, number: 1, isDone: true });
  connection.say(ask);
  expect(connection.framesOf('agent_answer')).toHaveLength(2);
  expect(run.calls).toHaveLength(1);
});

test('N8: a model is not asked faster than its answers are taken', async () => {
  let said = 0;
  const { connection, token } = await begin({
    async *model() {
      for (; said < 1000; said += 1) yield { type: 'text', text: 'x' };
      yield modelEnd;
    },
  });
  connection.say({ type: 'agent_ask', runId, id: 1, token, after: 0, ask: modelAsk });
  await expect.poll(() => said).toBeGreaterThan(60);
  await new Promise(setImmediate);
  expect(said).toBeLessThan(70);
  connection.say({ type: 'agent_taken', runId, id: 1, number: 60, isDone: false });
  await expect.poll(() => said).toBeGreaterThan(110);
});

test.each<[string, (bench: Bench) => void]>([
  [
    'more events than may be told at once',
    ({ connection }) => {
      for (let number = 1; number < agentEventWindow + 10; number += 1)
        connection.say({ type: 'agent_event', runId, number, event: delta('x') });
    },
  ],
  [
    'events that are too large together',
    ({ connection }) => {
      for (let number = 1; number < 10; number += 1)
        connection.say({ type: 'agent_event', runId, number, event: delta('x'.repeat(7 * 1024 * 1024)) });
    },
  ],
  [
    'more asks than a run has',
    ({ connection, token }) => {
      for (let id = 1; id < maxAgentAsks + 10; id += 1)
        connection.say({ type: 'agent_ask', runId, id, token, after: 0, ask: modelAsk });
    },
  ],
])('N8: %s is a flood and ends the connection', async (_, flood) => {
  const never = new Promise<never>(() => undefined);
  const bench = await begin({
    async *model() {
      yield await never;
    },
  });
  bench.run.onEvent = () => never;
  flood(bench);
  expect(bench.violations).toEqual([expect.stringContaining('AGENT_FLOOD')]);
});

test('N8: events behind a gap, doubled or behind the end are not heard', async () => {
  const { connection, run, violations } = await begin();
  for (const [number, text] of [
    [1, 'a'],
    [1, 'again'],
    [3, 'gap'],
    [2, 'b'],
  ] as const)
    connection.say({ type: 'agent_event', runId, number, event: delta(text) });
  connection.say({ type: 'agent_event', runId, number: 3, event: endOf() });
  connection.say({ type: 'agent_event', runId, number: 4, event: delta('late') });
  await expect.poll(() => run.isOver).toBe(true);
  expect(run.text).toBe('ab');
  expect(violations).toEqual([]);
});

test.each([true, false])(
  'N8: a node whose program knows nothing of runs is not waited for, a slow model is (begun: %s)',
  async (isBegun) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const hub = createScriptedHub();
      const connection = hub.connect();
      connection.sync();
      const run = hearRun({});
      hub.remote.startAgent({ runId, sessionId, spec: specOf() }, run);
      await new Promise(setImmediate);
      if (isBegun) connection.say({ type: 'agent_event', runId, number: 1, event: { type: 'begun' } });
      vi.advanceTimersByTime(60_000);
      expect(run.lost?.code).toBe(isBegun ? undefined : 'VERSION_MISMATCH');
      expect(run.events).toEqual([]);
      hub.remote.drop(1000, 'over');
      await hub.remote[Symbol.asyncDispose]();
    } finally {
      vi.useRealTimers();
    }
  },
);
