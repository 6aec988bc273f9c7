import { expect, test } from 'vitest';
import type { AgentEvent, AgentMessage } from '../agent.types.ts';
import { call, collect, end, fail, ok, say, scripted, tool } from './scripted-run.fixture.ts';

const textOf = (events: AgentEvent[]): string =>
  events.flatMap((event) => (event.type === 'delta' && event.kind === 'text' ? [event.text] : [])).join('');

test('A3: text and thinking are told as they come, each part with its number, and kept as one message', async () => {
  const model = scripted([
    [
      { type: 'thinking', text: 'Let me' },
      { type: 'thinking', text: ' see.', provider: { signature: 's' } },
      { type: 'text', text: 'It ' },
      { type: 'text', text: 'works.' },
      end(),
    ],
  ]);
  const { events, kept, end: last } = await collect({ model });
  expect(events.filter((event) => event.type === 'delta')).toEqual([
    { type: 'delta', part: 0, kind: 'thinking', text: 'Let me' },
    { type: 'delta', part: 0, kind: 'thinking', text: ' see.' },
    { type: 'delta', part: 1, kind: 'text', text: 'It ' },
    { type: 'delta', part: 1, kind: 'text', text: 'works.' },
  ]);
  expect(kept.at(-1)).toEqual({
    role: 'assistant',
    parts: [
      { type: 'thinking', text: 'Let me see.', provider: { signature: 's' } },
      { type: 'text', text: 'It works.' },
    ],
  });
  expect(last).toMatchObject({
    reason: 'completed',
    error: null,
    usage: { turns: 1, inputTokens: 10, outputTokens: 5 },
  });
  expect(events[0]).toEqual({ type: 'model', reference: 'test/model' });
});

test('A3: calls of one turn run at the same time, and their results come in the order of the calls', async () => {
  const first = Promise.withResolvers<void>();
  const model = scripted([[call('a', 'slow', { n: 1 }), call('b', 'fast', { n: 2 }), end('tool_calls')], say('Done.')]);
  const {
    events,
    kept,
    end: last,
  } = await collect({
    model,
    tools: [
      tool('slow', async () => (await first.promise, ok('slow output'))),
      tool('fast', async () => (first.resolve(), ok('fast output'))),
    ],
  });
  const results = events.filter((event) => event.type === 'result');
  expect(results.map(({ callId, tool: name }) => [callId, name])).toEqual([
    ['c_call1', 'slow'],
    ['c_call2', 'fast'],
  ]);
  expect(kept.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'assistant']);
  expect(kept[2]).toEqual({
    role: 'tool',
    results: [
      { callId: 'c_call1', tool: 'slow', output: 'slow output', success: true },
      { callId: 'c_call2', tool: 'fast', output: 'fast output', success: true },
    ],
  });
  expect(model.requests[1]?.messages.at(-1)).toEqual(kept[2]);
  expect(last.reason).toBe('completed');
});

test('A3: what the model asked for is told before its calls start, and they start only when the consumer goes on', async () => {
  const order: string[] = [];
  await collect({
    model: scripted([[call('a', 'note'), end('tool_calls')], say('Done.')]),
    tools: [tool('note', async () => (order.push('runs'), ok('')))],
    onEvent: (event) => {
      if (event.type === 'message') order.push(`kept ${event.message.role}`);
    },
  });
  expect(order).toEqual(['kept assistant', 'runs', 'kept tool', 'kept assistant']);
});

test('A3: pieces of arguments are told under the id that the call runs under', async () => {
  const ids: string[] = [];
  const { events } = await collect({
    model: scripted([
      [
        { type: 'tool_call_piece', key: 'k', tool: 'note', text: '{"a"' },
        { type: 'tool_call_piece', key: 'k', tool: 'note', text: ':1}' },
        call('k', 'note', { a: 1 }),
        end('tool_calls'),
      ],
      say('Done.'),
    ]),
    tools: [
      tool('note', async ({ callId, arguments: given }) => (ids.push(`${callId} ${JSON.stringify(given)}`), ok(''))),
    ],
  });
  const pieces = events.filter((event) => event.type === 'call_delta');
  expect(pieces.map(({ callId, text }) => `${callId} ${text}`)).toEqual(['c_call1 {"a"', 'c_call1 :1}']);
  expect(ids).toEqual(['c_call1 {"a":1}']);
});

test('A3: a call without pieces tells its arguments once', async () => {
  const { events } = await collect({
    model: scripted([[call('k', 'note', { a: 1 }), end('tool_calls')], say('Done.')]),
    tools: [tool('note', async () => ok(''))],
  });
  expect(events.find((event) => event.type === 'call_delta')).toMatchObject({ text: '{"a":1}', callId: 'c_call1' });
});

test('A3: calls that a crash left without an answer are made first, under the same ids', async () => {
  const messages: AgentMessage[] = [
    { role: 'user', text: 'Do it.' },
    { role: 'assistant', parts: [{ type: 'tool_call', callId: 'c_before1', tool: 'note', arguments: { a: 1 } }] },
    { role: 'user', text: 'Are you there?' },
  ];
  const made: string[] = [];
  const model = scripted([say('Here.')]);
  const { kept, events } = await collect({
    model,
    messages,
    tools: [tool('note', async ({ callId }) => (made.push(callId), ok('found')))],
  });
  expect(made).toEqual(['c_before1']);
  expect(events[0]).toMatchObject({ type: 'result', callId: 'c_before1', part: 0 });
  expect(kept[3]).toMatchObject({ role: 'tool', results: [{ callId: 'c_before1', output: 'found' }] });
  // The provider sees the answer right behind the call, wherever it was kept.
  expect(model.requests[0]?.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'user']);
});

test('A3: a tool that throws, is unknown or gets no JSON object answers with a failure, and the run goes on', async () => {
  const { kept, end: last } = await collect({
    model: scripted([
      [
        call('a', 'broken'),
        call('b', 'unknown'),
        call('c', 'broken', '{"cut": tru'),
        { type: 'tool_call_piece', key: 'd', tool: 'broken', text: '{"never' },
        end('length'),
      ],
      say('Sorry.'),
    ]),
    tools: [tool('broken', () => Promise.reject(new Error('boom')))],
  });
  const answers = kept[2]?.role === 'tool' ? kept[2].results.map(({ output }) => output) : [];
  expect(answers[0]).toBe('[Failed: The tool broken broke: boom (INTERNAL)]');
  expect(answers[1]).toBe('[Failed: There is no tool "unknown". The tools are: broken. (TOOL_UNKNOWN)]');
  expect(answers[2]).toContain('not a complete JSON object');
  expect(answers[3]).toContain('not a complete JSON object');
  expect(last.reason).toBe('completed');
});

test('A3: arguments that are no object reach no provider as such', async () => {
  const model = scripted([[call('a', 'note', 'no JSON'), end('tool_calls')], say('Sorry.')]);
  await collect({ model, tools: [tool('note', async () => ok(''))] });
  expect(model.requests[1]?.messages[1]).toMatchObject({ parts: [{ arguments: { invalid_arguments: 'no JSON' } }] });
});

test('A3: what people say meanwhile is taken at the next turn, and once more before the run would end', async () => {
  const said: AgentMessage[][] = [[], [{ role: 'user', text: 'Blue.' }], [{ role: 'user', text: 'And big.' }], [], []];
  const model = scripted([[call('a', 'note'), end('tool_calls')], say('Blue.'), say('Big and blue.')]);
  const {
    kept,
    events,
    end: last,
  } = await collect({
    model,
    tools: [tool('note', async () => ok(''))],
    takeSteering: async () => said.shift() ?? [],
  });
  expect(kept.map((message) => (message.role === 'user' ? message.text : message.role))).toEqual([
    'Do it.',
    'assistant',
    'tool',
    'Blue.',
    'assistant',
    'And big.',
    'assistant',
  ]);
  expect(textOf(events)).toBe('Blue.Big and blue.');
  expect(last).toMatchObject({ reason: 'completed', usage: { turns: 3 } });
});

test('A3: a model that calls the same failing tool for ever is ended by its turns, with all calls answered', async () => {
  const model = scripted([[call('a', 'broken'), end('tool_calls')]]);
  const {
    events,
    kept,
    end: last,
  } = await collect({
    model,
    limits: { maxTurns: 3 },
    tools: [tool('broken', async () => ({ ...ok(''), success: false, error: { code: 'X', message: 'No.' } }))],
  });
  expect(model.requests).toHaveLength(3);
  expect(last).toMatchObject({ reason: 'budget', error: { code: 'MAX_TURNS' } });
  expect(last.error?.message).toContain('max_iterations');
  expect(kept.at(-1)?.role).toBe('tool');
  expect(events.at(-2)).toMatchObject({ type: 'notice', kind: 'budget' });
});

test('A3: a run ends when its tokens are used up', async () => {
  const { end: last } = await collect({
    model: scripted([[call('a', 'note'), end('tool_calls')]]),
    limits: { maxTurns: 100, maxTokens: 40 },
    tools: [tool('note', async () => ok(''))],
  });
  expect(last).toMatchObject({ reason: 'budget', error: { code: 'TOKEN_BUDGET' }, usage: { turns: 3 } });
});

test('A3: a model that fails ends the run with its error; what it had said stays, calls it had asked for are not made', async () => {
  const model = scripted([[{ type: 'text', text: 'I will' }, call('a', 'note'), fail('AUTHENTICATION')]]);
  const made: string[] = [];
  const { kept, end: last } = await collect({
    model,
    tools: [tool('note', async ({ callId }) => (made.push(callId), ok('')))],
  });
  expect(last).toMatchObject({ reason: 'failed', error: { code: 'AUTHENTICATION', message: 'AUTHENTICATION it is.' } });
  expect(made).toEqual([]);
  expect(kept.slice(1)).toMatchObject([
    { role: 'assistant', parts: [{ type: 'text', text: 'I will' }, { type: 'tool_call' }] },
    { role: 'tool', results: [{ success: false }] },
  ]);
});

test.each([
  ['ends without an end', scripted([[{ type: 'text', text: 'He' }]])],
  [
    'throws',
    scripted([
      () => {
        throw new Error('socket hang up');
      },
    ]),
  ],
])('A3: a model that %s is an error, never an exception', async (_, model) => {
  const { end: last } = await collect({ model });
  expect(last).toMatchObject({ reason: 'failed', error: { code: 'UNREACHABLE' } });
});

test('A3, A4: an answer that broke off for a moment is gone on with; its calls were not made and can be asked for again', async () => {
  let made = 0;
  const model = scripted([
    [{ type: 'text', text: 'I will' }, call('a', 'note'), fail('UNREACHABLE')],
    [call('b', 'note'), end('tool_calls')],
    say('Done.'),
  ]);
  const {
    events,
    kept,
    end: last,
  } = await collect({
    model,
    tools: [tool('note', async () => ((made += 1), ok('')))],
  });
  expect([last.reason, made]).toEqual(['completed', 1]);
  expect(events).toContainEqual({
    type: 'notice',
    kind: 'retry',
    text: 'UNREACHABLE it is. The answer broke off; the model is asked to go on (1 of 2).',
  });
  expect(JSON.stringify(kept[2])).toContain('the answer that asked for it broke off');
  expect(model.requests[1]?.messages.at(-1)?.role).toBe('tool');
});

test('A3: a model that breaks off again and again ends the run', async () => {
  const model = scripted([[{ type: 'text', text: 'He' }, fail('UNREACHABLE')]]);
  const { end: last } = await collect({ model });
  expect([last.reason, model.requests.length]).toEqual(['failed', 3]);
});

test('A3: a run that continues after an answer that broke off asks with the person speaking last', async () => {
  const model = scripted([say(' you.')]);
  await collect({
    model,
    messages: [
      { role: 'user', text: 'Greet.' },
      { role: 'assistant', parts: [{ type: 'text', text: 'Hello' }] },
    ],
  });
  expect(model.requests[0]?.messages.at(-1)).toEqual({ role: 'user', text: 'Go on.' });
});

test('A3: an answer that reached the limit of one answer says so', async () => {
  const { events, end: last } = await collect({ model: scripted([[{ type: 'text', text: 'Long' }, end('length')]]) });
  expect(events).toContainEqual(expect.objectContaining({ type: 'notice', kind: 'budget' }));
  expect(last.reason).toBe('completed');
});

test('A3: more than 32 calls at once are refused one by one, none goes unanswered', async () => {
  const many = Array.from({ length: 40 }, (_, index) => call(`k${index}`, 'note'));
  let made = 0;
  const { kept } = await collect({
    model: scripted([[...many, end('tool_calls')], say('Done.')]),
    tools: [tool('note', async () => ((made += 1), ok('')))],
  });
  expect(made).toBe(32);
  expect(kept[2]?.role === 'tool' && kept[2].results).toHaveLength(40);
});
