import { modelProviderKinds } from '@navisai/protocol';
import { startModelServer } from '@navisai/testkit';
import { expect, test } from 'vitest';
import type { AgentMessage, ModelEvent, ToolSpecification } from '../agent.types.ts';
import { ask, key, textOf } from './ask-model.fixture.ts';
import { createProviderModel } from './create-provider-model.ts';

const tool = (name: string): ToolSpecification => ({
  name,
  description: `Does ${name}.`,
  schema: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'], additionalProperties: false },
});

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
  await using server = await startModelServer([{ calls: [{ tool: 'read', arguments: undefined }], finish: 'stop' }]);
  const events = await ask(server, kind, { messages, tools: [tool('read')] });
  expect(events.find((event) => event.type === 'tool_call')).toMatchObject({ tool: 'read', arguments: {} });
  expect(events.at(-1)).toMatchObject({ type: 'end', reason: 'tool_calls' });
  expect(server.requests[0]?.text).toContain('bad arguments');
});

test('A4: OpenAI is asked for words about its thinking, and once more without where the account may not have them', async () => {
  const error = 'Your organization must be verified to generate reasoning summaries.';
  await using server = await startModelServer(({ text }) =>
    text.includes('"summary"') ? { status: 400, error } : { text: 'without' },
  );
  const provider = {
    id: 'house',
    kind: 'openai' as const,
    baseUrl: server.baseUrl('openai'),
    key: { reveal: () => key },
  };
  const model = createProviderModel({ provider, model: 'gpt-5', contextTokens: 1000 });
  const { signal } = new AbortController();
  for (const count of [2, 3]) {
    const events: ModelEvent[] = [];
    const messages = [{ role: 'user' as const, text: 'hi' }];
    for await (const event of model.stream({ system: '', messages, tools: [], signal })) events.push(event);
    expect(textOf(events, 'text')).toBe('without');
    expect(server.requests.length).toBe(count);
  }
});

test('A4: what stays the same of a conversation is marked for the cache of Anthropic', async () => {
  await using server = await startModelServer([{ text: 'yes' }]);
  await ask(server, 'anthropic');
  expect(server.requests[0]?.body).toMatchObject({
    system: [{ cache_control: { type: 'ephemeral' } }],
    messages: [{ content: [{ cache_control: { type: 'ephemeral' } }] }],
  });
});
