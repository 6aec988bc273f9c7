import { modelProviderKinds, type ModelProviderKind } from '@navisai/protocol';
import { type ModelServer, type ModelTurn, startFaultProxy, startModelServer, until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import type { AgentMessage, ModelError, ModelEvent, ModelRequest, ToolSpecification } from '../agent.types.ts';
import { createProviderModel } from './create-provider-model.ts';
import { modelDeadlines, type ProviderModelOptions } from './models.types.ts';

const key = 'sk-secret-0123456789';

const tool = (name: string): ToolSpecification => ({
  name,
  description: `Does ${name}.`,
  schema: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'], additionalProperties: false },
});

interface Asking extends Partial<ModelRequest>, Partial<Pick<ProviderModelOptions, 'deadlines' | 'model'>> {
  baseUrl?: string;
}

const ask = async (server: ModelServer, kind: ModelProviderKind, asking: Asking = {}): Promise<ModelEvent[]> => {
  const { baseUrl = server.baseUrl(kind), deadlines, model = 'scripted', ...request } = asking;
  const provider = { id: 'house', kind, baseUrl, key: { reveal: () => key } };
  const created = createProviderModel({ provider, model, contextTokens: 1000, deadlines });
  const events: ModelEvent[] = [];
  const defaults = { system: 'Be brief.', messages: [{ role: 'user' as const, text: 'hello' }], tools: [] };
  for await (const event of created.stream({ ...defaults, signal: new AbortController().signal, ...request }))
    events.push(event);
  expect(JSON.stringify(events)).not.toContain(key);
  return events;
};

const textOf = (events: ModelEvent[], type: 'text' | 'thinking'): string =>
  events.map((event) => (event.type === type ? event.text : '')).join('');

const errorOf = (events: ModelEvent[]): ModelError => {
  const last = events.at(-1);
  if (last?.type !== 'error') throw new Error(`no error: ${JSON.stringify(events)}`);
  return last.error;
};

/** The answer of a turn as the loop keeps it. */
const keep = (events: ModelEvent[]): AgentMessage => {
  const thinking = events.findLast((event) => event.type === 'thinking');
  const calls = events.filter((event) => event.type === 'tool_call');
  return {
    role: 'assistant',
    parts: [
      { type: 'thinking', text: textOf(events, 'thinking'), provider: thinking?.provider },
      { type: 'text', text: textOf(events, 'text') },
      ...calls.map((call, index) => ({ ...call, type: 'tool_call' as const, callId: `c_${index}` })),
    ],
  };
};

const kinds = modelProviderKinds;

test.each(kinds)('A4: %s: thinking, text, parallel calls and usage come as they stream', async (kind) => {
  const calls = ['read', 'list'].map((name) => ({ tool: name, arguments: { path: `/tmp/${name} "ü"` } }));
  const usage = { inputTokens: 100, outputTokens: 20, cachedInputTokens: 60 };
  await using server = await startModelServer([{ thinking: 'let me think', text: 'I will look.', calls, usage }]);
  const events = await ask(server, kind, { tools: [tool('read'), tool('list')], temperature: 0.5 });
  expect([textOf(events, 'thinking'), textOf(events, 'text')]).toEqual(['let me think', 'I will look.']);
  expect(events.filter(({ type }) => type === 'text').length).toBe(3);
  const made = events.filter((event) => event.type === 'tool_call');
  expect(made.map(({ tool: name, arguments: given }) => ({ tool: name, arguments: given }))).toEqual(calls);
  for (const call of made) {
    const pieces = events.filter((event) => event.type === 'tool_call_piece' && event.key === call.key);
    const text = pieces.map((event) => (event.type === 'tool_call_piece' ? event.text : '')).join('');
    expect(JSON.parse(text)).toEqual(call.arguments);
  }
  expect(new Set(made.map((call) => call.key)).size).toBe(2);
  expect(events.at(-1)).toEqual({ type: 'end', reason: 'tool_calls', usage });
  const [request] = server.requests;
  expect(request).toMatchObject({ kind, model: 'scripted', said: 'hello', tools: ['read', 'list'] });
  expect(request?.messages[0]).toEqual({ role: 'system', text: 'Be brief.' });
  expect(JSON.stringify(request?.headers)).toContain(key);
  expect(request?.path).not.toContain(key);
});

test.each(kinds)('A4: %s: what was thought, called and answered is given back in the next turn', async (kind) => {
  const calls = ['read', 'list'].map((name) => ({ tool: name, arguments: { path: name } }));
  await using server = await startModelServer([
    { thinking: 'deep thought', text: 'Looking.', calls },
    { text: 'done' },
  ]);
  const tools = [tool('read'), tool('list')];
  const first = await ask(server, kind, { tools });
  const messages: AgentMessage[] = [
    { role: 'user', text: 'hello' },
    keep(first),
    {
      role: 'tool',
      results: [
        { callId: 'c_0', tool: 'read', output: 'content of the file', success: true },
        { callId: 'c_1', tool: 'list', output: '', success: false },
      ],
    },
    { role: 'user', text: 'go on' },
  ];
  const second = await ask(server, kind, { tools, messages });
  expect(second.at(-1)).toMatchObject({ type: 'end', reason: 'stop' });
  const sent = server.requests[1];
  expect(sent?.messages.map(({ role }) => role)).toContain('tool');
  for (const words of ['Looking.', 'content of the file', 'go on', '"read"', '"list"'])
    expect(sent?.text).toContain(words);
  if (kind !== 'google') expect(sent?.text).toContain('c_0');
  const mark = { 'openai-compatible': 'deep thought', openai: 'sealed-1', anthropic: 'signed-1', google: 'signed-1' };
  expect(sent?.text).toContain(mark[kind]);
  const other = await ask(server, kind, { tools, messages, model: 'another' });
  expect(other.at(-1)?.type).toBe('error');
  expect(server.requests[2]?.text).not.toContain(mark[kind]);
});

test.each(kinds)('A4: %s: images and text files are shown, of other files the name is told', async (kind) => {
  await using server = await startModelServer([{ text: 'nice' }]);
  const image = Buffer.from('not really a picture').toString('base64');
  const attachments = [
    { name: 'a.png', mediaType: 'image/png', data: image },
    { name: 'notes.md', mediaType: 'text/markdown', data: Buffer.from('remember the milk').toString('base64') },
    { name: 'b.zip', mediaType: 'application/zip', data: 'UEsDBA==' },
  ];
  const events = await ask(server, kind, { messages: [{ role: 'user', text: 'what is this?', attachments }] });
  expect(textOf(events, 'text')).toBe('nice');
  const text = server.requests[0]?.text;
  for (const words of [image, 'remember the milk', 'b.zip', 'what is this?']) expect(text).toContain(words);
  expect(text).not.toContain('UEsDBA');
});

test.each(kinds)('A4: %s: arguments that are no object, and calls without any, do no harm', async (kind) => {
  const messages: AgentMessage[] = [
    { role: 'user', text: 'hello' },
    { role: 'assistant', parts: [{ type: 'tool_call', callId: 'c_0', tool: 'read', arguments: '{"path": ' }] },
    { role: 'tool', results: [{ callId: 'c_0', tool: 'read', output: 'bad arguments', success: false }] },
  ];
  await using server = await startModelServer([{ calls: [{ tool: 'read', arguments: undefined }] }]);
  const events = await ask(server, kind, { messages, tools: [tool('read')] });
  expect(events.find((event) => event.type === 'tool_call')).toMatchObject({ tool: 'read', arguments: {} });
  expect(server.requests[0]?.text).toContain('bad arguments');
});

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
  expect(errorOf(before)).toMatchObject({ code: 'UNREACHABLE', isRetryable: true });
  const between = await ask(server, kind, { deadlines: { firstPieceMs: 60_000, nextPieceMs: 150 } });
  expect(textOf(between, 'text')).toBe('one two');
  expect(errorOf(between)).toMatchObject({ code: 'UNREACHABLE', isRetryable: true });
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
