import { modelProviderKinds, type ModelProviderKind } from '@navisai/protocol';
import { startModelServer } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { defaultContextTokens, knownContextTokens } from './known-context.ts';
import { listOfferedModels } from './offered-models.ts';

const provider = (kind: ModelProviderKind, baseUrl: string) => ({ id: 'house', kind, baseUrl, key: null });

test.each(modelProviderKinds)('A4: what %s offers is listed, with how much each model reads', async (kind) => {
  await using server = await startModelServer();
  server.models = [{ id: 'big', contextTokens: 200_000 }, { id: 'other' }];
  const offered = await listOfferedModels(provider(kind, server.baseUrl(kind)));
  expect(offered).toEqual([
    { id: 'big', contextTokens: 200_000 },
    { id: 'other', contextTokens: null },
  ]);
});

test('A4: Ollama of before its list in the shape of OpenAI is understood too', async () => {
  const asked: string[] = [];
  const fetch: typeof globalThis.fetch = async (input) => {
    const url = String(input);
    asked.push(url);
    return url.endsWith('/api/tags')
      ? Response.json({ models: [{ name: 'qwen3:8b' }] })
      : new Response('', { status: 404 });
  };
  const offered = await listOfferedModels(provider('openai-compatible', 'http://127.0.0.1:11434/v1'), { fetch });
  expect(offered).toEqual([{ id: 'qwen3:8b', contextTokens: null }]);
  const local = 'http://127.0.0.1:11434';
  expect(asked).toEqual([`${local}/v1/models`, `${local}/api/tags`, `${local}/api/ps`]);
});

test('A4: of a model that Ollama has loaded, as much counts as it was loaded with', async () => {
  const answers: Record<string, unknown> = {
    '/v1/models': { data: [{ id: 'qwen3:8b', context_length: 40_960 }, { id: 'other' }] },
    '/api/ps': { models: [{ name: 'qwen3:8b', context_length: 4096 }] },
  };
  const fetch: typeof globalThis.fetch = async (input) => Response.json(answers[new URL(String(input)).pathname]);
  expect(await listOfferedModels(provider('openai-compatible', 'http://127.0.0.1:11434/v1'), { fetch })).toEqual([
    { id: 'qwen3:8b', contextTokens: 4096 },
    { id: 'other', contextTokens: null },
  ]);
});

test('A4: who tells nothing, nonsense or too much offers nothing', async () => {
  const answers = [
    () => Promise.reject(new TypeError('fetch failed')),
    async () => new Response('<html>'),
    async () => Response.json({ data: [1, null, { id: '' }, { id: 'a b' }, { id: 'x'.repeat(200) }, {}] }),
    async () => Response.json([]),
    async () => new Response('x'.repeat(9 * 1024 * 1024)),
    async () => new Response('', { status: 302, headers: { location: 'http://elsewhere.invalid/' } }),
  ];
  for (const fetch of answers)
    expect(await listOfferedModels(provider('openai-compatible', 'http://127.0.0.1:9/v1'), { fetch })).toEqual([]);
});

test('A4: a model that nobody knows reads cautiously much', () => {
  expect(knownContextTokens('claude-sonnet-4-5')).toBe(200_000);
  expect(knownContextTokens('qwen3:8b')).toBe(defaultContextTokens);
});
