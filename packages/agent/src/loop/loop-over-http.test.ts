import { modelProviderKinds } from '@navisai/protocol';
import { type ModelServer, startModelServer, until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import type { AgentMessage, AgentModel } from '../agent.types.ts';
import { createProviderModel } from '../models/create-provider-model.ts';
import { withFallback } from '../resilience/with-fallback.ts';
import { withRetry } from '../resilience/with-retry.ts';
import { collect, ok, tool } from './scripted-run.fixture.ts';

type Kind = (typeof modelProviderKinds)[number];
const modelOf = (server: ModelServer, kind: Kind, contextTokens = 32_768): AgentModel =>
  withRetry(
    createProviderModel({
      provider: { id: kind, kind, baseUrl: server.baseUrl(kind), key: { reveal: () => 'sk-test' } },
      model: 'scripted',
      contextTokens,
    }),
    { firstDelayMs: 10 },
  );

test.each(modelProviderKinds)('A3, A4: %s: a run thinks, calls two tools at once, and answers', async (kind) => {
  await using server = await startModelServer([
    {
      thinking: 'I should look.',
      text: 'Looking.',
      calls: [
        { tool: 'read', arguments: { path: '/a' } },
        { tool: 'read', arguments: { path: '/b' } },
      ],
    },
    { text: 'Both are empty.' },
  ]);
  const { kept, end } = await collect({
    model: modelOf(server, kind),
    tools: [tool('read', async ({ arguments: given }) => ok(`empty: ${JSON.stringify(given)}`))],
  });
  expect(end).toMatchObject({ reason: 'completed', usage: { turns: 2 } });
  expect(kept.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'assistant']);
  expect(kept[3]).toMatchObject({ parts: [{ type: 'text', text: 'Both are empty.' }] });
  const answers = server.requests[1]?.messages.filter(({ role }) => role === 'tool').map(({ text }) => text);
  expect(answers?.join()).toContain('/a');
  expect(answers?.join()).toContain('/b');
});

test.each(modelProviderKinds)('A3, A4: %s: Stop in the middle of an answer ends the request', async (kind) => {
  await using server = await startModelServer([{ text: 'One two three four.', hang: 2 }]);
  const controller = new AbortController();
  const { kept, end } = await collect({
    model: modelOf(server, kind),
    signal: controller.signal,
    onEvent: (event) => void (event.type === 'delta' && controller.abort()),
  });
  expect(end.reason).toBe('stopped');
  expect(kept.at(-1)).toMatchObject({ role: 'assistant' });
  await until('the request is over', () => server.open === 0);
});

test.each(modelProviderKinds)(
  'A4: %s: a provider that is busy is asked again, one that stays so makes way',
  async (kind) => {
    await using busy = await startModelServer(() => ({ status: 503, error: 'overloaded' }));
    await using works = await startModelServer([{ status: 503 }, { text: 'Here.' }]);
    const { events, end } = await collect({
      model: withFallback([modelOf(busy, kind), modelOf(works, 'openai-compatible')]),
    });
    expect(end.reason).toBe('completed');
    expect(busy.requests).toHaveLength(4);
    const kinds = events.flatMap((event) => (event.type === 'notice' ? [event.kind] : []));
    expect(kinds).toEqual(['retry', 'retry', 'retry', 'fallback', 'retry']);
  },
);

test.each(modelProviderKinds)(
  'A3: %s: a run that went on after a stop, a crash and broken arguments is still understood',
  async (kind) => {
    await using server = await startModelServer([{ text: 'Going on.' }]);
    const messages: AgentMessage[] = [
      { role: 'user', text: 'Begin.' },
      { role: 'assistant', parts: [{ type: 'text', text: 'Half an ans' }] },
      { role: 'user', text: 'Go on.' },
      {
        role: 'assistant',
        parts: [
          { type: 'thinking', text: 'without its mark' },
          { type: 'tool_call', callId: 'c_lost0001', tool: 'read', arguments: '{"broken' },
        ],
      },
      { role: 'user', text: 'And?' },
    ];
    const { end } = await collect({
      model: modelOf(server, kind),
      messages,
      tools: [tool('read', async () => ok(''))],
    });
    expect(end.reason).toBe('completed');
    const shown = server.requests[0]?.messages.filter(({ role }) => role !== 'system') ?? [];
    // Anthropic takes results and what the person says as one.
    expect(shown.map(({ role }) => role).slice(0, 5)).toEqual(['user', 'assistant', 'user', 'assistant', 'tool']);
    expect(server.requests[0]?.text).toContain('And?');
  },
);

test('A3: a provider that finds the context too long gets a shorter one', async () => {
  const error = "This model's maximum context length is 8192 tokens.";
  await using server = await startModelServer([{ status: 400, error }, { text: 'Notes.' }, { text: 'Here.' }]);
  const messages: AgentMessage[] = [
    { role: 'user', text: 'Begin with port 8080.' },
    ...Array.from({ length: 20 }, (_, index): AgentMessage[] => [
      {
        role: 'assistant',
        parts: [{ type: 'tool_call', callId: `c_old${index}000`, tool: 'read', arguments: { path: '/' } }],
      },
      { role: 'tool', results: [{ callId: `c_old${index}000`, tool: 'read', output: 'x'.repeat(900), success: true }] },
    ]).flat(),
  ];
  const { events, end } = await collect({ model: modelOf(server, 'openai-compatible'), messages });
  expect(end).toMatchObject({ reason: 'completed' });
  expect(events.filter(({ type }) => type === 'compacted')).toHaveLength(1);
  expect(server.requests.at(-1)?.text).toContain('Begin with port 8080.');
  expect(server.requests.at(-1)?.text.length).toBeLessThan((server.requests[0]?.text.length ?? 0) / 2);
});
