import { afterEach, expect, test, vi } from 'vitest';
import { noModel } from '../resilience/no-model.ts';
import type { AgentEvent, AgentMessage } from '../agent.types.ts';
import { call, collect, end, endless, ok, say, scripted, tool } from './scripted-run.fixture.ts';

afterEach(() => vi.useRealTimers());

const never = (): Promise<never> => new Promise(() => undefined);
/** Stops the run when `event` is told. */
const stopAt = (
  isIt: (event: AgentEvent) => boolean,
): { signal: AbortSignal; onEvent: (event: AgentEvent) => void } => {
  const controller = new AbortController();
  return { signal: controller.signal, onEvent: (event) => void (isIt(event) && controller.abort()) };
};
const rolesOf = (kept: AgentMessage[]): string[] => kept.map(({ role }) => role);

test('A3: Stop before the run begins asks no model', async () => {
  const model = scripted([say('Hello.')]);
  const { kept, end: last } = await collect({ model, signal: AbortSignal.abort() });
  expect([last.reason, last.error, model.requests.length, kept.length]).toEqual(['stopped', null, 0, 1]);
});

test('A3: Stop while the model is silent ends at once, also with a model that does not look at its signal', async () => {
  const controller = new AbortController();
  const model = scripted([
    () => {
      queueMicrotask(() => controller.abort());
      return endless();
    },
  ]);
  const { kept, end: last } = await collect({ model, signal: controller.signal });
  expect([last.reason, rolesOf(kept)]).toEqual(['stopped', ['user']]);
});

test('A3: Stop in the middle of the answer keeps what was said', async () => {
  const model = scripted([() => endless({ type: 'thinking', text: 'Hm' }, { type: 'text', text: 'Half' })]);
  const stop = stopAt((event) => event.type === 'delta' && event.kind === 'text');
  const { kept, end: last } = await collect({ model, ...stop });
  expect(last.reason).toBe('stopped');
  expect(kept.at(-1)).toEqual({ role: 'assistant', parts: [{ type: 'text', text: 'Half' }] });
});

test('A3: Stop while the arguments of a call stream drops that call', async () => {
  const model = scripted([
    () => endless({ type: 'text', text: 'I' }, { type: 'tool_call_piece', key: 'a', tool: 'note', text: '{' }),
  ]);
  const { kept } = await collect({ model, ...stopAt((event) => event.type === 'call_delta') });
  expect(kept.at(-1)).toEqual({ role: 'assistant', parts: [{ type: 'text', text: 'I' }] });
});

test('A3: Stop between the answer and its calls makes none of them, and answers each', async () => {
  const made: string[] = [];
  const { kept, end: last } = await collect({
    model: scripted([[call('a', 'note'), call('b', 'note'), end('tool_calls')]]),
    tools: [tool('note', async ({ callId }) => (made.push(callId), ok('')))],
    ...stopAt((event) => event.type === 'message'),
  });
  expect([last.reason, made]).toEqual(['stopped', []]);
  expect(kept.at(-1)).toMatchObject({ role: 'tool', results: [{ success: false }, { success: false }] });
});

test('A3: Stop in the middle of tools reaches them, and their own answers are kept', async () => {
  const controller = new AbortController();
  const { kept, end: last } = await collect({
    model: scripted([[call('a', 'quick'), call('b', 'obeys'), end('tool_calls')]]),
    signal: controller.signal,
    tools: [
      tool('quick', async () => ok('done before')),
      tool('obeys', ({ signal }) => {
        queueMicrotask(() => controller.abort());
        return new Promise((resolve) => signal.addEventListener('abort', () => resolve(ok('ended by the stop'))));
      }),
    ],
  });
  expect(last.reason).toBe('stopped');
  expect(kept.at(-1)).toMatchObject({ results: [{ output: 'done before' }, { output: 'ended by the stop' }] });
});

test('A3: a tool that does not end after Stop is answered CANCELLED after 10 seconds', async () => {
  vi.useFakeTimers();
  const controller = new AbortController();
  const running = Promise.withResolvers<void>();
  const collected = collect({
    model: scripted([[call('a', 'stuck'), call('b', 'quick'), end('tool_calls')]]),
    signal: controller.signal,
    tools: [tool('stuck', () => (running.resolve(), never())), tool('quick', async () => ok('done before'))],
  });
  await running.promise;
  controller.abort();
  await vi.advanceTimersByTimeAsync(9_900);
  await vi.advanceTimersByTimeAsync(200);
  const { kept, end: last } = await collected;
  expect(last.reason).toBe('stopped');
  const results = kept.at(-1)?.role === 'tool' ? kept.at(-1) : undefined;
  expect(results).toMatchObject({ results: [{ success: false }, { output: 'done before' }] });
  expect(JSON.stringify(results)).toContain('CANCELLED');
});

test('A3: Stop between turns asks the model no more', async () => {
  const model = scripted([[call('a', 'note'), end('tool_calls')], say('Never said.')]);
  const { kept, end: last } = await collect({
    model,
    tools: [tool('note', async () => ok(''))],
    ...stopAt((event) => event.type === 'message' && event.message.role === 'tool'),
  });
  expect([last.reason, model.requests.length, rolesOf(kept)]).toEqual(['stopped', 1, ['user', 'assistant', 'tool']]);
});

test('A3: Stop after the last answer leaves the run completed', async () => {
  const { end: last } = await collect({
    model: scripted([say('Done.')]),
    ...stopAt((event) => event.type === 'message'),
  });
  expect(last.reason).toBe('completed');
});

test('A3: Stop while calls that a crash left are made first', async () => {
  const controller = new AbortController();
  const { end: last, kept } = await collect({
    model: scripted([say('Never said.')]),
    signal: controller.signal,
    messages: [
      { role: 'user', text: 'Do it.' },
      { role: 'assistant', parts: [{ type: 'tool_call', callId: 'c_before1', tool: 'obeys', arguments: {} }] },
    ],
    tools: [
      tool('obeys', ({ signal }) => {
        queueMicrotask(() => controller.abort());
        return new Promise((resolve) => signal.addEventListener('abort', () => resolve(ok('ended'))));
      }),
    ],
  });
  expect([last.reason, rolesOf(kept)]).toEqual(['stopped', ['user', 'assistant', 'tool']]);
});

test('A3: a model that falls silent is given up after 10 minutes', async () => {
  vi.useFakeTimers();
  const asked = Promise.withResolvers<void>();
  const collected = collect({ model: scripted([() => (asked.resolve(), endless())]) });
  await asked.promise;
  await vi.advanceTimersByTimeAsync(600_001);
  expect((await collected).end).toMatchObject({ reason: 'failed', error: { code: 'UNREACHABLE' } });
});

test('A4: without a model the run says how to add one', async () => {
  const { events, end: last } = await collect({ model: noModel });
  expect(last).toMatchObject({ reason: 'failed', error: { code: 'NO_MODEL' } });
  expect(last.error?.message).toContain('navisai models add');
  expect(events.some((event) => event.type === 'model')).toBe(false);
});
