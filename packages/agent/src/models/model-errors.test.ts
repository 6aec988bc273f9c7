import { modelProviderKinds } from '@navisai/protocol';
import { type ModelTurn, startFaultProxy, startModelServer, until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import type { ModelError, ModelEvent } from '../agent.types.ts';
import { ask, errorOf, key, textOf } from './ask-model.fixture.ts';
import { createProviderModel } from './create-provider-model.ts';
import { modelDeadlines } from './models.types.ts';

const kinds = modelProviderKinds;

const errors: [ModelTurn, Partial<ModelError>, RegExp][] = [
  [
    { status: 401, error: `bad ${key}` },
    { code: 'AUTHENTICATION', isRetryable: false },
    /key of provider house was refused/,
  ],
  [{ status: 403 }, { code: 'AUTHENTICATION' }, /house/],
  [{ status: 400, error: 'API key not valid. Please pass a valid API key.' }, { code: 'AUTHENTICATION' }, /refused/],
  [{ status: 429, retryAfterSeconds: 7 }, { code: 'RATE_LIMIT', isRetryable: true, retryAfterMs: 7000 }, /house/],
  [{ status: 429, error: 'You exceeded: insufficient_quota' }, { code: 'RATE_LIMIT', isRetryable: false }, /used up/],
  [{ status: 500, error: `it broke ${key}` }, { code: 'OVERLOADED', isRetryable: true }, /500.*it broke \[key\]/],
  [{ status: 503 }, { code: 'OVERLOADED', isRetryable: true }, /503/],
  [{ status: 529 }, { code: 'OVERLOADED', isRetryable: true }, /529/],
  [
    { status: 404, error: 'no such model' },
    { code: 'NO_MODEL', isRetryable: false },
    /does not know the model scripted/,
  ],
  [{ status: 400, error: 'something else' }, { code: 'REFUSED', isRetryable: false }, /something else/],
  [{ status: 413 }, { code: 'CONTEXT_TOO_LONG', isRetryable: false }, /too long/],
];

test.each(kinds)('A4: %s: what its errors mean, and that no key is in them', async (kind) => {
  await using server = await startModelServer(errors.map(([turn]) => turn));
  for (const [turn, error, message] of errors) {
    const told = errorOf(await ask(server, kind));
    expect({ turn, told }).toMatchObject({ turn, told: error });
    expect(told.message).toMatch(message);
    expect(told.message).not.toContain(key);
  }
  expect(server.requests.length).toBe(errors.length);
});

const tooLong = [
  "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens",
  'Your input exceeds the context window of this model. Please adjust your input and try again.',
  'prompt is too long: 210000 tokens > 200000 maximum',
  'input length and `max_tokens` exceed context limit: 199000 + 8192 > 200000',
  'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
  'the request exceeds the available context size, try increasing it',
  'Trying to keep the first 9000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens',
  'Please reduce the length of the messages or completion.',
];

test.each(kinds)('A4: %s: a conversation that is too long is recognised by its words', async (kind) => {
  await using server = await startModelServer(tooLong.map((error) => ({ status: 400, error })));
  for (const error of tooLong)
    expect({ error, ...errorOf(await ask(server, kind)) }).toMatchObject({ error, code: 'CONTEXT_TOO_LONG' });
});

test.each(kinds)('A4: %s: an answer at its limit ends so, and a filtered one is refused', async (kind) => {
  await using server = await startModelServer([
    { text: 'cut off', finish: 'length' },
    { text: 'I', finish: 'refused' },
  ]);
  expect((await ask(server, kind)).at(-1)).toMatchObject({ type: 'end', reason: 'length' });
  expect(errorOf(await ask(server, kind))).toMatchObject({ code: 'REFUSED', isRetryable: false });
});

test.each(kinds)('A4: %s: a connection that is cut in the answer is told after what came', async (kind) => {
  await using server = await startModelServer([{ text: 'one two three four', cutAfter: 2 }]);
  const events = await ask(server, kind);
  expect(textOf(events, 'text')).toBe('one two');
  const error = errorOf(events);
  expect(error).toMatchObject({ code: 'UNREACHABLE', isRetryable: true });
  expect(error.message).toContain(server.baseUrl(kind));
});

test.each(kinds)('A4: %s: silence has an end, before the first piece and between pieces', async (kind) => {
  await using server = await startModelServer([{ hang: true }, { text: 'one two three', hang: 2 }]);
  const before = await ask(server, kind, { deadlines: { firstPieceMs: 150, nextPieceMs: 60_000 } });
  expect(errorOf(before)).toMatchObject({ code: 'UNREACHABLE', isRetryable: false });
  const between = await ask(server, kind, { deadlines: { firstPieceMs: 60_000, nextPieceMs: 150 } });
  expect(textOf(between, 'text')).toBe('one two');
  expect(errorOf(between)).toMatchObject({ code: 'UNREACHABLE', isRetryable: false });
  await until('every request was let go', () => server.open === 0);
  expect(modelDeadlines.firstPieceMs).toBeGreaterThan(modelDeadlines.nextPieceMs);
});

test.each(kinds)('A4: %s: a stop ends the request at once, whenever it comes', async (kind) => {
  await using server = await startModelServer([{ hang: true }, { text: 'one two three', hang: 2 }]);
  expect(errorOf(await ask(server, kind, { signal: AbortSignal.abort() })).code).toBe('CANCELLED');
  expect(server.requests.length).toBe(0);
  for (const count of [1, 2]) {
    const stop = new AbortController();
    const answer = ask(server, kind, { signal: stop.signal });
    await until('the request came', () => server.requests.length === count);
    stop.abort();
    expect(errorOf(await answer)).toMatchObject({ code: 'CANCELLED', isRetryable: false });
  }
  await until('every request was let go', () => server.open === 0);
});

test.each(kinds)('A4: %s: who takes no more of an answer lets the request go', async (kind) => {
  await using server = await startModelServer([{ text: 'one two three', hang: 2 }]);
  const provider = { id: 'house', kind, baseUrl: server.baseUrl(kind), key: null };
  const model = createProviderModel({ provider, model: 'scripted', contextTokens: 1000 });
  const { signal } = new AbortController();
  for await (const event of model.stream({ system: '', messages: [{ role: 'user', text: 'hi' }], tools: [], signal }))
    if (event.type === 'text') break;
  await until('the request was let go', () => server.open === 0);
});

test.each(kinds)('A4: %s: where nothing listens, and where a name is unknown, the base URL is named', async (kind) => {
  await using server = await startModelServer();
  await using proxy = await startFaultProxy(1);
  const unheard = `http://127.0.0.1:${proxy.port}/v1`;
  const unknown = 'http://nowhere.invalid/v1';
  for (const baseUrl of [unheard, unknown]) {
    const error = errorOf(await ask(server, kind, { baseUrl }));
    expect(error).toMatchObject({ code: 'UNREACHABLE', isRetryable: true });
    expect(error.message).toContain(baseUrl);
  }
});

test.each(kinds)('A4: %s: no redirect is followed with a key', async (kind) => {
  await using other = await startModelServer([{ text: 'never' }]);
  await using server = await startModelServer();
  const location = `${other.baseUrl(kind)}/messages`;
  server.script(() => ({ status: 307, headers: { location } }));
  const error = errorOf(await ask(server, kind));
  expect(error).toMatchObject({ code: 'UNREACHABLE', isRetryable: false });
  expect(error.message).toContain(`127.0.0.1:${other.port}`);
  expect(other.requests.length).toBe(0);
});

test.each(kinds)('A4: %s: an answer without end is ended', async (kind) => {
  await using server = await startModelServer([{ text: Array.from({ length: 70 }, () => 'x'.repeat(65_536)) }]);
  const events = await ask(server, kind);
  expect(events.at(-1)).toMatchObject({ type: 'end', reason: 'length' });
  expect(textOf(events, 'text').length).toBeLessThanOrEqual(4 * 1024 * 1024);
});

test('A4: a provider of its own address without a key is told so before anything is sent', async () => {
  const provider = { id: 'openai', kind: 'openai', baseUrl: null, key: null } as const;
  const model = createProviderModel({
    provider,
    model: 'gpt',
    contextTokens: 1000,
    fetch: () => Promise.reject(new Error('sent')),
  });
  const events: ModelEvent[] = [];
  for await (const event of model.stream({ system: '', messages: [], tools: [], signal: new AbortController().signal }))
    events.push(event);
  expect(errorOf(events)).toMatchObject({ code: 'AUTHENTICATION', message: expect.stringContaining('has no key') });
});

test.each(kinds)('A4: %s: something that is no model server is told in words', async (kind) => {
  const answers = [
    () => new Response('<html>welcome</html>', { headers: { 'content-type': 'text/html' } }),
    () => new Response('data: {"what": 1}\n\n', { headers: { 'content-type': 'text/event-stream' } }),
    () => new Response('data: {not json\n\n', { headers: { 'content-type': 'text/event-stream' } }),
    () => new Response('<html>not here</html>', { status: 404 }),
  ];
  for (const answer of answers) {
    const provider = { id: 'house', kind, baseUrl: 'http://127.0.0.1:9/v1', key: null };
    const model = createProviderModel({ provider, model: 'm', contextTokens: 1000, fetch: async () => answer() });
    const events: ModelEvent[] = [];
    const { signal } = new AbortController();
    for await (const event of model.stream({ system: '', messages: [{ role: 'user', text: 'a' }], tools: [], signal }))
      events.push(event);
    expect(errorOf(events).message).toMatch(/house/);
  }
});
