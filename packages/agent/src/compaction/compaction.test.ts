import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AgentEvent, AgentMessage, ModelEvent } from '../agent.types.ts';
import { orderAnswers } from '../history/order-answers.ts';
import { requestMessages, RequestView } from '../history/request-messages.ts';
import { call, collect, end, endless, fail, ok, say, scripted, tool } from '../loop/scripted-run.fixture.ts';
import { planCompaction } from './plan-compaction.ts';
import { createTokenMeter } from './token-meter.ts';

const summariser = (answer: ModelEvent[]) => (request: { tools: readonly unknown[]; system: string }) =>
  request.system.startsWith('You sum up') ? say('We moved the file.') : answer;
const text = (length: number): string => 'lorem ipsum '.repeat(Math.ceil(length / 12)).slice(0, length);
const turn = (id: number, output: string): AgentMessage[] => [
  {
    role: 'assistant',
    parts: [
      { type: 'text', text: `Step ${id}.` },
      { type: 'tool_call', callId: `c_old${id}`, tool: 'note', arguments: { id } },
    ],
  },
  { role: 'tool', results: [{ callId: `c_old${id}`, tool: 'note', output, success: true }] },
];
const person = (said: string): AgentMessage => ({ role: 'user', text: said });

test('A3: old results are shortened before anything else, the newest turns stay whole', async () => {
  const model = scripted([say('Done.')], 10_000);
  const messages = [person('Begin.'), ...Array.from({ length: 8 }, (_, id) => turn(id, text(4000))).flat()];
  const { events, kept } = await collect({ model, messages });
  expect(model.requests).toHaveLength(1);
  const compacted = events.find((event) => event.type === 'compacted');
  expect(compacted?.afterTokens).toBeLessThan(compacted?.beforeTokens ?? 0);
  const outputs = kept.flatMap((message) =>
    message.role === 'tool' ? message.results.map(({ output }) => output) : [],
  );
  expect(outputs[0]).toContain('navis://output/c_old0');
  expect(outputs[0]?.length).toBeLessThanOrEqual(1000);
  expect(outputs.slice(-3).every((output) => output.length === 4000)).toBe(true);
  expect(events).toContainEqual(expect.objectContaining({ type: 'notice', kind: 'compaction' }));
});

const longTalk = [
  person('Begin.'),
  ...Array.from({ length: 40 }, (_, id) => [
    ...turn(id, text(900)),
    ...(id === 10 ? [person('Use port 8080!')] : []),
  ]).flat(),
];

test('A3: old work is then summed up by the model, people’s words stay', async () => {
  const model = scripted([summariser(say('Done.'))], 8000);
  const { kept, end: last } = await collect({ model, messages: longTalk });
  expect(model.requests).toHaveLength(2);
  expect(model.requests[0]?.tools).toEqual([]);
  expect(kept.slice(0, 3)).toMatchObject([
    { text: 'Begin.' },
    { text: 'Use port 8080!' },
    { isSummary: true, text: expect.stringContaining('We moved the file.') as string },
  ]);
  expect(last.usage.turns).toBe(1);
  expect(last.usage.inputTokens).toBe(20);
});

const withFile = (said: string, name: string, size: number): AgentMessage => ({
  role: 'user',
  text: said,
  attachments: [{ name, mediaType: 'text/plain', data: Buffer.from(text(size)).toString('base64') }],
});
const noticesOf = (events: AgentEvent[]): string[] =>
  events.flatMap((event) => (event.type === 'notice' && event.kind === 'compaction' ? [event.text] : []));

test('A3: attachments stay as long as possible; then the older ones go, and the person is told', async () => {
  const model = scripted([summariser(say('Done.'))], 8000);
  const talk = [withFile('Look.', 'old.txt', 9000), ...turn(1, text(9000)), withFile('And this.', 'new.txt', 9000)];
  const { kept, events } = await collect({ model, messages: talk });
  expect(kept.slice(0, 3)).toEqual([
    { role: 'user', text: 'Look.\n\n[Attachments that were taken out of the context: "old.txt"]' },
    talk.at(-1),
    expect.objectContaining({ isSummary: true }),
  ]);
  expect(noticesOf(events)).toEqual([
    expect.stringMatching(
      /: older work was summed up, and older attachments were left out \(.*Attach a file again .*; nothing else that you said was changed\./,
    ),
  ]);

  const roomy = scripted([summariser(say('Done.'))], 9200);
  const whole = await collect({ model: roomy, messages: talk });
  expect(whole.kept.filter((message) => message.role === 'user' && message.attachments !== undefined)).toHaveLength(2);
  expect(noticesOf(whole.events)).toEqual([expect.stringContaining('Nothing that you said was changed.')]);
});

test('A3: where files alone fill the context, nothing else is said to have changed', async () => {
  const model = scripted([say('Done.')], 8000);
  const files = ['a.txt', 'b.txt', 'c.txt'].map((name) => withFile(`Here is ${name}.`, name, 9000));
  const { kept, events } = await collect({ model, messages: files });
  expect(kept.map((message) => (message.role === 'user' ? message.attachments?.length : undefined))).toEqual([
    undefined,
    undefined,
    1,
    undefined,
  ]);
  expect(noticesOf(events)).toEqual([
    expect.stringContaining('at once: older attachments were left out (about') as string,
  ]);
});

test('A3: where the model cannot sum up, a mark says that something is gone', async () => {
  const model = scripted([[fail('OVERLOADED')], say('Done.')], 8000);
  const { kept, end: last } = await collect({ model, messages: longTalk });
  expect(kept[2]).toMatchObject({ isSummary: true, text: expect.stringContaining('could not be summed up') as string });
  expect(last.reason).toBe('completed');
});

test('A3: a model that finds the context too long is asked once more with a shorter one', async () => {
  let refused = 0;
  const model = scripted([
    (request) => {
      if (request.system.startsWith('You sum up')) return say('Notes.');
      return (refused += 1) === 1 ? [fail('CONTEXT_TOO_LONG')] : say('Done.');
    },
  ]);
  const { events, end: last } = await collect({ model, messages: longTalk });
  expect(last.reason).toBe('completed');
  expect(events.filter(({ type }) => type === 'compacted')).toHaveLength(1);
});

test('A3: a model that still finds the context too long ends the run with its error', async () => {
  const model = scripted([
    (request) => (request.system.startsWith('You sum up') ? say('Notes.') : [fail('CONTEXT_TOO_LONG')]),
  ]);
  const { end: last } = await collect({ model, messages: longTalk });
  expect(last).toMatchObject({ reason: 'failed', error: { code: 'CONTEXT_TOO_LONG' } });
});

test('A3: a long run is compacted again and again, and its notes go into the next ones', async () => {
  const model = scripted(
    [
      (request) =>
        request.system.startsWith('You sum up')
          ? say('Notes.')
          : [call('k', 'note', { text: text(800) }), end('tool_calls')],
    ],
    6000,
  );
  const { events, kept } = await collect({
    model,
    limits: { maxTurns: 60 },
    tools: [tool('note', async () => ok(text(3000)))],
  });
  expect(events.filter(({ type }) => type === 'compacted').length).toBeGreaterThan(2);
  expect(kept.filter((message) => message.role === 'user' && message.isSummary === true)).toHaveLength(1);
  const sizes = model.requests.map(({ messages }) => createTokenMeter().tokens(messages));
  expect(Math.max(...sizes)).toBeLessThan(6000);
});

test('A3: Stop while old work is summed up leaves the context as it was', async () => {
  const controller = new AbortController();
  const model = scripted(
    [
      () => {
        queueMicrotask(() => controller.abort());
        return endless();
      },
    ],
    8000,
  );
  const { kept, end: last } = await collect({ model, messages: longTalk, signal: controller.signal });
  expect([last.reason, model.requests.length]).toEqual(['stopped', 1]);
  expect(kept).toEqual(longTalk);
});

test('A3: a prompt and tools that nearly fill a small context do not make the agent forget at every turn', async () => {
  const model = scripted([[call('k', 'note'), end('tool_calls')]], 8000);
  const { events, kept } = await collect({
    model,
    system: text(30_000),
    limits: { maxTurns: 4 },
    tools: [tool('note', async () => ok(text(500)))],
  });
  expect(events.filter(({ type }) => type === 'compacted')).toEqual([]);
  expect(kept).toHaveLength(9);
});

test('A3: the estimate follows what the model tells', () => {
  const meter = createTokenMeter();
  const messages = [person(text(36_000))];
  const before = meter.tokens(messages);
  meter.learn({ asked: { system: '', messages, tools: [] }, told: before * 2 });
  expect(meter.tokens(messages)).toBeCloseTo(before * 2, -2);
  meter.learn({ asked: { system: '', messages, tools: [] }, told: before * 100 });
  expect(meter.tokens(messages)).toBeLessThan(before * 3);
});

const words = fc.string({ unit: 'grapheme', maxLength: 300 });
interface AnyGroup {
  said: string;
  /** Of its calls; null: a person says it. */
  outputs: string[] | null;
  isAnswered: boolean;
}
const groupMessages = ({ said, outputs, isAnswered }: AnyGroup, group: number): AgentMessage[] => {
  if (outputs === null) return [person(said)];
  const ids = outputs.map((_, index) => `c_${group}_${index}`);
  const parts = ids.map((callId) => ({ type: 'tool_call' as const, callId, tool: 'note', arguments: 'x' }));
  const results = ids.map((callId, index) => ({ callId, tool: 'note', output: outputs[index] ?? '', success: true }));
  const answer: AgentMessage = { role: 'assistant', parts: [{ type: 'text', text: said }, ...parts] };
  return isAnswered ? [answer, { role: 'tool', results: results.toReversed() }] : [answer];
};
const anyGroups: fc.Arbitrary<AnyGroup[]> = fc.array(
  fc.record({
    said: words,
    outputs: fc.option(fc.array(fc.integer({ min: 0, max: 20_000 }).map(text), { maxLength: 4 })),
    isAnswered: fc.boolean(),
  }),
  { maxLength: 30, size: 'max' },
);
const anyMessages: fc.Arbitrary<AgentMessage[]> = anyGroups.map((groups) => groups.flatMap(groupMessages));

/** What every provider wants. */
const expectValid = (messages: AgentMessage[]): void => {
  expect(messages[0]?.role).toBe('user');
  expect(messages.at(-1)?.role).not.toBe('assistant');
  for (const [index, message] of messages.entries()) {
    const next = messages[index + 1];
    if (message.role === 'assistant') {
      const calls = message.parts.filter((part) => part.type === 'tool_call').map(({ callId }) => callId);
      const answers = next?.role === 'tool' ? next.results.map(({ callId }) => callId) : [];
      expect(answers).toEqual(calls);
      expect(message.parts.length).toBeGreaterThan(0);
    }
    expect(message.role === 'tool' ? messages[index - 1]?.role : 'assistant').toBe('assistant');
    expect(next?.role).not.toBe(message.role);
  }
};

test('A3: whatever the context was, what a model is shown is valid', () => {
  fc.assert(
    fc.property(anyMessages, (messages) => expectValid(requestMessages(messages))),
    { numRuns: 60 },
  );
});

test('A3: what a growing context is shown as does not depend on how often it was looked at', () => {
  fc.assert(
    fc.property(anyGroups, fc.array(fc.boolean(), { maxLength: 30 }), (groups, looks) => {
      const view = new RequestView();
      const messages: AgentMessage[] = [];
      for (const [index, group] of groups.entries()) {
        messages.push(...groupMessages({ ...group, isAnswered: true }, index));
        if (looks[index] === true) expect(view.of(messages)).toEqual(requestMessages(messages));
      }
      expect(view.of(messages)).toEqual(requestMessages(messages));
    }),
    { numRuns: 60 },
  );
});

test('A3: whatever the context was, compaction leaves a valid one that fits and has every word of people in their order', () => {
  fc.assert(
    fc.property(anyMessages, fc.integer({ min: 300, max: 20_000 }), (messages, limit) => {
      const meter = createTokenMeter();
      const saidBefore = messages.flatMap((message) => (message.role === 'user' ? [message.text] : []));
      const least = meter.tokens(saidBefore.map(person)) + 100;
      const fits = (some: readonly AgentMessage[]): boolean => meter.tokens(some) <= Math.max(limit, least);
      const plan = planCompaction({ messages, fits, longestSummary: 'x'.repeat(200) });
      const result = plan.withSummary('y'.repeat(200));
      expect(fits(result)).toBe(true);
      const said = result.flatMap((message) =>
        message.role === 'user' && message.isSummary !== true ? [message.text] : [],
      );
      expect(said).toEqual(saidBefore);
      expect(orderAnswers(result)).toEqual(result);
      expectValid(requestMessages(result));
    }),
    { numRuns: 60 },
  );
});
