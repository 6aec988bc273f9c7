/** The hub believes a loop on a node nothing but what it says for itself: tokens, tools and calls are the hub's (N8). */
import type { AgentEvent, AgentModel, AgentRunRequest, AgentTool, ModelEvent } from '@navisai/agent';
import { NavisError, type NodeAgentEvent, type NodeModelEvent, type Usage } from '@navisai/protocol';
import type { NodeAgentOrder, NodeAgentSink } from '@navisai/remote';
import { expect, test } from 'vitest';
import { childLoop } from './child-loop.ts';
import { TokenPool } from './token-pool.ts';

const runId = 'r_0123456789abcdef';
const callId = 'c_0123456789abcdef';
const lie: Usage = { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, modelMs: 0, durationMs: 0, turns: 0 };

const requests: Parameters<AgentModel['stream']>[0][] = [];
const model: AgentModel = {
  reference: 'test/model',
  contextTokens: 1000,
  async *stream(request): AsyncGenerator<ModelEvent> {
    requests.push(request);
    yield { type: 'text', text: 'hm' };
    yield { type: 'end', reason: 'stop', usage: { inputTokens: 60, outputTokens: 40, cachedInputTokens: 0 } };
  },
};

const requestOf = (tools: readonly AgentTool[] = []): AgentRunRequest & { stop(): void } => {
  const stopping = new AbortController();
  return {
    system: 'You are a test.',
    messages: [{ role: 'user', text: 'Do it.' }],
    model,
    tools,
    limits: { maxTurns: 10 },
    takeSteering: async () => [],
    newCallId: () => callId,
    now: Date.now,
    signal: stopping.signal,
    stop: () => stopping.abort(),
  };
};

/** What the node does is the test's. */
const start = (
  node: (sink: NodeAgentSink, order: NodeAgentOrder) => Promise<void> | void,
  pool = new TokenPool(undefined),
) => {
  const stops: string[] = [];
  const link = {
    startAgent(order: NodeAgentOrder, sink: NodeAgentSink) {
      void node(sink, order);
      return { stop: (reason: string) => void stops.push(reason) };
    },
  };
  const loop = childLoop({
    runId,
    sessionId: 's_0123456789abcdef',
    pool,
    node: { id: 'n_nas', link: async () => link },
  });
  return { loop, stops };
};

const endOf = (usage = lie): NodeAgentEvent => ({ type: 'end', reason: 'completed', usage, error: null });

const collect = async (events: AsyncIterable<AgentEvent>): Promise<AgentEvent[]> => Array.fromAsync(events);

const ask = async (sink: NodeAgentSink, tools: { name: string; description: string; schema: object }[] = []) => {
  const asked = { system: 'You are evil.', messages: [], tools: tools as [] };
  return (await Array.fromAsync(sink.model(asked, new AbortController().signal))) as NodeModelEvent[];
};

test('N8: what the node says it used does not count: what the hub gave it does', async () => {
  const pool = new TokenPool(undefined);
  const { loop } = start(async (sink) => {
    await ask(sink);
    await ask(sink);
    await sink.onEvent({ type: 'usage', usage: lie });
    await sink.onEvent(endOf({ ...lie, turns: 2 }));
  }, pool);
  const events = await collect(loop(requestOf()));
  const counted = { inputTokens: 120, outputTokens: 80 };
  expect(events).toMatchObject([
    { type: 'usage', usage: counted },
    { type: 'end', usage: { ...counted, turns: 2 } },
  ]);
  expect(pool.own).toBe(200);
});

test('N8: over its budget, or its number of turns, no model is asked any more', async () => {
  const answers: NodeModelEvent[][] = [];
  const { loop } = start(async (sink) => {
    for (let count = 0; count < 3; count += 1) answers.push(await ask(sink));
    await sink.onEvent(endOf());
  }, new TokenPool(150));
  await collect(loop(requestOf()));
  expect(answers.map((events) => events.at(-1)?.type)).toEqual(['end', 'end', 'error']);
  let refused = 0;
  const often = start(async (sink) => {
    for (let count = 0; count < 100; count += 1) refused += (await ask(sink)).at(-1)?.type === 'error' ? 1 : 0;
    await sink.onEvent(endOf());
  });
  await collect(often.loop(requestOf()));
  expect(refused).toBe(70);
});

test('N8: a node offers the model no tool that the run does not have', async () => {
  const own: AgentTool = {
    name: 'terminal',
    description: 'runs',
    schema: {},
    execute: () => Promise.reject(new Error()),
  };
  requests.length = 0;
  const { loop } = start(async (sink) => {
    await ask(sink, [
      { name: 'terminal', description: 'changed', schema: {} },
      { name: 'nuclear_button', description: 'press', schema: {} },
    ]);
    await sink.onEvent(endOf());
  });
  await collect(loop(requestOf([own])));
  expect(requests[0]?.tools).toEqual([{ name: 'terminal', description: 'runs', schema: {} }]);
});

test('N8: a call is made only with a tool of the run, and only when it is on record', async () => {
  const made: unknown[] = [];
  const own: AgentTool = {
    name: 'terminal',
    description: 'runs',
    schema: {},
    async execute(call) {
      made.push(call.arguments);
      return { success: true, output: 'ran', metadata: {} };
    },
  };
  const codes: (string | undefined)[] = [];
  const { loop } = start(async (sink) => {
    const { signal } = new AbortController();
    const call = async (tool: string) =>
      codes.push((await sink.call({ callId, tool, arguments: { command: 'id' }, signal })).error?.code);
    await call('terminal');
    const part = { type: 'tool_call' as const, callId, tool: 'terminal', arguments: { command: 'id' } };
    await sink.onEvent({ type: 'message', message: { role: 'assistant', parts: [part] } });
    await call('ssh_exec');
    await call('terminal');
    await sink.onEvent(endOf());
  });
  await collect(loop(requestOf([own])));
  expect(codes).toEqual(['INVALID_ARGUMENT', 'TOOL_UNKNOWN', undefined]);
  expect(made).toEqual([{ command: 'id' }]);
});

test('N8: the next event is taken when the one before was kept', async () => {
  const taken: string[] = [];
  const { loop } = start(async (sink) => {
    for (const text of ['a', 'b']) {
      await sink.onEvent({ type: 'delta', part: 0, kind: 'text', text });
      taken.push(text);
    }
    await sink.onEvent(endOf());
  });
  const events = loop(requestOf());
  await events.next();
  expect(taken).toEqual([]);
  await events.next();
  expect(taken).toEqual(['a']);
  await events.return();
});

test.each([
  [new NavisError('INTERRUPTED'), 'interrupted'],
  [new NavisError('CANCELLED'), 'stopped'],
  [new NavisError('NODE_OFFLINE'), 'failed'],
] as const)('N8: a run that is lost (%s) ends as %s', async (error, reason) => {
  const { loop } = start((sink) => sink.onLost(error));
  expect(await collect(loop(requestOf()))).toMatchObject([{ type: 'end', reason }]);
});

test('N8: a node that is away fails the run, and a stop reaches the node', async () => {
  const away = childLoop({
    runId,
    sessionId: 's_0123456789abcdef',
    pool: new TokenPool(undefined),
    node: { id: 'n_nas', link: () => Promise.reject(new NavisError('NODE_OFFLINE')) },
  });
  const end = (await collect(away(requestOf()))).at(-1);
  expect(end).toMatchObject({ type: 'end', reason: 'failed', error: { code: 'NODE_OFFLINE' } });
  const request = requestOf();
  const { loop, stops } = start(async (sink) => {
    request.stop();
    sink.onLost(new NavisError('CANCELLED'));
  });
  await collect(loop(request));
  expect(stops).toContain('The run was stopped.');
});
