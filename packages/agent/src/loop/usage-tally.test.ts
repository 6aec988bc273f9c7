/** What answers use that do not come to their end: it counts like any other (P4, N8). */
import { expect, test } from 'vitest';
import type { AgentMessage, ModelEvent } from '../agent.types.ts';
import { call, collect, end, endless, fail, say, scripted } from './scripted-run.fixture.ts';

const words = (characters: number): ModelEvent => ({ type: 'text', text: 'x'.repeat(characters) });
const asked: AgentMessage[] = [{ role: 'user', text: 'y'.repeat(3600) }];
const none = { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0 };

test('P4: an answer that breaks off counts by an estimate of what was asked and what came', async () => {
  const model = scripted([[words(7200), fail('AUTHENTICATION')]]);
  const { usage } = (await collect({ model, messages: asked })).end;
  expect(usage).toMatchObject({ outputTokens: 2000, cachedInputTokens: 0 });
  expect(usage.inputTokens).toBeGreaterThan(1000);
  expect(usage.inputTokens).toBeLessThan(1100);
});

test('P4: an answer that is stopped counts, and so does one that is cut where it is too long', async () => {
  const controller = new AbortController();
  const stopped = await collect({
    model: scripted([() => endless(words(3600))]),
    signal: controller.signal,
    onEvent: (event) => void (event.type === 'delta' && controller.abort()),
  });
  expect(stopped.end).toMatchObject({ reason: 'stopped', usage: { outputTokens: 1000 } });
  const long = await collect({ model: scripted([() => endless(words(5_000_000))]) });
  expect(long.end.reason).toBe('completed');
  expect(long.end.usage.outputTokens).toBeGreaterThan(1_000_000);
});

test('P4: what a model tells is taken as it is; what it never tells is estimated', async () => {
  const told = await collect({ model: scripted([say('Hello.')]), messages: asked });
  expect(told.end.usage).toMatchObject({ inputTokens: 10, outputTokens: 5 });
  const silent = [call('k', 'unknown', { a: 'z'.repeat(360) }), { ...end(), usage: none } as ModelEvent];
  const untold = await collect({ model: scripted([silent, say('Hello.')]), messages: asked });
  expect(untold.end.usage.inputTokens).toBeGreaterThan(1000);
  expect(untold.end.usage.outputTokens).toBeGreaterThan(100);
});

test('P4: a request that was refused before its first word uses nothing', async () => {
  const { usage } = (await collect({ model: scripted([[fail('AUTHENTICATION')]]), messages: asked })).end;
  expect(usage).toMatchObject({ ...none, turns: 1 });
});

test('P4: a model whose answers break off cannot pass the budget', async () => {
  const model = scripted([[words(3600), fail('UNREACHABLE')]]);
  const limits = { maxTurns: 20, maxTokens: 1500 };
  const { end: last } = await collect({ model, limits });
  expect([last.reason, last.error?.code, model.requests.length]).toEqual(['budget', 'TOKEN_BUDGET', 2]);
});

test.each([
  ['fails', () => [words(720), fail('AUTHENTICATION')]],
  ['is too long', () => endless(words(1_000_000))],
])('P4: a summary of old work counts also where it %s', async (_, answer) => {
  const work = Array.from({ length: 40 }, (__, id): AgentMessage[] => [
    { role: 'assistant', parts: [{ type: 'tool_call', callId: `c_old${id}`, tool: 'note', arguments: {} }] },
    {
      role: 'tool',
      results: [{ callId: `c_old${id}`, tool: 'note', output: 'lorem '.repeat(150), success: true }],
    },
  ]).flat();
  const model = scripted([answer, say('Done.')], 8000);
  const { end: last } = await collect({ model, messages: [{ role: 'user', text: 'Begin.' }, ...work] });
  expect([last.reason, last.usage.turns]).toEqual(['completed', 1]);
  expect(last.usage.outputTokens).toBeGreaterThan(200);
  expect(last.usage.inputTokens).toBeGreaterThan(1000);
});
