import { expect, test } from 'vitest';
import type { AgentModel, ModelEvent } from '../agent.types.ts';
import { call, collect, end, endless, fail, ok, say, scripted, tool } from '../loop/scripted-run.fixture.ts';
import { withFallback } from './with-fallback.ts';
import { withRetry } from './with-retry.ts';

const ask = async (model: AgentModel, signal = new AbortController().signal): Promise<ModelEvent[]> => {
  const events: ModelEvent[] = [];
  for await (const event of model.stream({ system: '', messages: [], tools: [], signal })) events.push(event);
  return events;
};
const types = (events: ModelEvent[]): string[] => events.map(({ type }) => type);
/** Waits for nothing and tells how long it was asked to. */
const noWait = (): { waits: number[]; wait: (ms: number) => Promise<boolean>; random: () => number } => {
  const waits: number[] = [];
  return { waits, random: () => 1, wait: async (ms) => (waits.push(ms), true) };
};

test('A4: a model that fails for a moment is asked again, with longer and longer pauses', async () => {
  const pauses = noWait();
  const model = scripted([[fail('OVERLOADED')], [fail('UNREACHABLE')], say('Here.')]);
  const events = await ask(withRetry(model, pauses));
  expect(types(events)).toEqual(['notice', 'notice', 'text', 'end']);
  expect(pauses.waits).toEqual([500, 1000]);
  expect(events[0]).toMatchObject({ kind: 'retry', text: expect.stringContaining('attempt 2 of 4') as string });
});

test('A4: the pauses differ, so that not everybody comes back at once', async () => {
  const pauses = noWait();
  await ask(withRetry(scripted([[fail('OVERLOADED')], say('Here.')]), { ...pauses, random: () => 0 }));
  expect(pauses.waits).toEqual([250]);
});

test('A4: a model is asked a bounded number of times', async () => {
  const model = scripted([[fail('OVERLOADED')]]);
  const events = await ask(withRetry(model, { ...noWait(), attempts: 3 }));
  expect(types(events)).toEqual(['notice', 'notice', 'error']);
  expect(model.requests).toHaveLength(3);
});

test('A4: what cannot get better is not tried again', async () => {
  const model = scripted([[fail('AUTHENTICATION')]]);
  expect(types(await ask(withRetry(model, noWait())))).toEqual(['error']);
  expect(model.requests).toHaveLength(1);
});

const limited = (retryAfterMs: number): ModelEvent => ({
  type: 'error',
  error: { code: 'RATE_LIMIT', message: 'Slow down.', isRetryable: true, retryAfterMs },
});

test('A4: a provider that says when to come back is asked then, and not at all where that is too long', async () => {
  const pauses = noWait();
  await ask(withRetry(scripted([[limited(7000)], say('Here.')]), pauses));
  expect(pauses.waits).toEqual([7000]);
  const patient = scripted([[limited(3_600_000)]]);
  const refused = await ask(withRetry(patient, pauses));
  expect(types(refused)).toEqual(['error']);
  expect(refused[0]).toMatchObject({ error: { message: expect.stringContaining('come back in 60 minutes.') } });
});

test('A4: an answer that broke off after its first word is not asked for again', async () => {
  const model = scripted([[{ type: 'text', text: 'He' }, fail('OVERLOADED')]]);
  expect(types(await ask(withRetry(model, noWait())))).toEqual(['text', 'error']);
  const other = scripted([say('No.')], 1000, 'b/two');
  expect(types(await ask(withFallback([model, other])))).toEqual(['model', 'text', 'notice', 'error']);
  expect(other.requests).toHaveLength(0);
});

test('A3: Stop ends the pause between two attempts at once', async () => {
  const controller = new AbortController();
  const model = scripted([[fail('OVERLOADED')]]);
  const { end } = await collect({
    model: withRetry(model, { firstDelayMs: 30_000, random: () => 1 }),
    signal: controller.signal,
    onEvent: (event) => void (event.type === 'notice' && controller.abort()),
  });
  expect([end.reason, model.requests.length]).toEqual(['stopped', 1]);
  expect(end.usage.durationMs).toBeLessThan(5000);
});

test('A4: the next model answers where one cannot, and it is told which', async () => {
  const broken = scripted([[fail('AUTHENTICATION')]], 1000, 'a/one');
  const works = scripted([say('Here.')], 2000, 'b/two');
  const { events, end } = await collect({ model: withFallback([broken, works]) });
  expect(events.filter(({ type }) => type === 'model')).toEqual([
    { type: 'model', reference: 'a/one' },
    { type: 'model', reference: 'b/two' },
  ]);
  expect(events).toContainEqual(expect.objectContaining({ type: 'notice', kind: 'fallback' }));
  expect(end.reason).toBe('completed');
});

test('A4: a model that failed rests for a minute, so that not every turn waits for it', async () => {
  let now = 0;
  const broken = scripted([[fail('UNREACHABLE')]], 1000, 'a/one');
  const works = scripted([say('Here.')], 2000, 'b/two');
  const model = withFallback([broken, works], { now: () => now });
  await ask(model);
  await ask(model);
  expect(broken.requests).toHaveLength(1);
  now = 61_000;
  await ask(model);
  expect([broken.requests.length, works.requests.length]).toEqual([2, 3]);
});

const brokenOff = (isRetryable: boolean): ModelEvent => ({
  type: 'error',
  error: { code: 'UNREACHABLE', message: 'It fell silent.', isRetryable },
});

test.each([true, false])(
  'A4: an answer that breaks off (for a moment: %s) is gone on with by the next model, and none of its calls is made',
  async (isRetryable) => {
    const made: string[] = [];
    const piece: ModelEvent = { type: 'tool_call_piece', key: 'cut', tool: 'note', text: '{"a"' };
    const words: ModelEvent = { type: 'text', text: 'I will' };
    const first = scripted([[words, call('whole', 'note'), piece, brokenOff(isRetryable)]], 1000, 'a/one');
    const second = scripted([[{ type: 'text', text: 'Noted.' }, end()]], 1000, 'b/two');
    const {
      events,
      kept,
      end: last,
    } = await collect({
      model: withFallback([withRetry(first, noWait()), withRetry(second, noWait())]),
      tools: [tool('note', async ({ callId }) => (made.push(callId), ok('')))],
    });
    expect([last.reason, first.requests.length, second.requests.length, made]).toEqual(['completed', 1, 1, []]);
    expect(kept.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'assistant']);
    // What viewers see: who is asked next, that it broke off, how its calls stand; the new answer is a part of its own.
    const told = events.filter(({ type }) => type !== 'usage' && type !== 'message');
    expect(told).toMatchObject([
      { type: 'model', reference: 'a/one' },
      { type: 'delta', part: 0, text: 'I will' },
      { type: 'call_delta', part: 1, callId: 'c_call1' },
      { type: 'call_delta', part: 2, callId: 'c_call2' },
      { type: 'notice', kind: 'fallback', text: 'b/two is asked next, not a/one.' },
      { type: 'result', callId: 'c_call2', result: { success: false } },
      { type: 'result', callId: 'c_call1', result: { success: false } },
      {
        type: 'notice',
        kind: 'retry',
        text: expect.stringContaining('It fell silent. The answer broke off') as string,
      },
      { type: 'model', reference: 'b/two' },
      { type: 'delta', part: 5, text: 'Noted.' },
      { type: 'end' },
    ]);
  },
);

test('A4: where every model breaks off, each was asked, and the run ends with an error', async () => {
  const broken = (name: string) => scripted([[{ type: 'text', text: 'He' }, brokenOff(false)]], 1000, name);
  const [first, second] = [broken('a/one'), broken('b/two')];
  const { end: last } = await collect({ model: withFallback([first, second]) });
  expect([last.reason, first.requests.length, second.requests.length]).toEqual(['failed', 1, 1]);
});

test.each(['CONTEXT_TOO_LONG', 'REFUSED'] as const)(
  'A4: an answer that ends with %s in its middle is not asked of another model',
  async (code) => {
    const error: ModelEvent = { type: 'error', error: { code, message: 'No.', isRetryable: false } };
    const other = scripted([say('No.')], 1000, 'b/two');
    const model = withFallback([scripted([[{ type: 'text', text: 'He' }, error]], 1000, 'a/one'), other]);
    const { end: last } = await collect({ model });
    expect([last.error?.code, other.requests.length]).toEqual([code, 0]);
  },
);

test('A4: where no model answers, the error says what happened to each', async () => {
  const model = withFallback([
    scripted([[fail('AUTHENTICATION')]], 1000, 'a/one'),
    scripted([[fail('UNREACHABLE')]], 1000, 'b/two'),
  ]);
  const last = (await ask(model)).at(-1);
  expect(last).toMatchObject({ type: 'error', error: { code: 'AUTHENTICATION' } });
  expect(JSON.stringify(last)).toMatch(/a\/one: AUTHENTICATION.*b\/two: UNREACHABLE/);
});

test('A4: a context that is too long is no reason for another model', async () => {
  const other = scripted([say('No.')]);
  const events = await ask(withFallback([scripted([[fail('CONTEXT_TOO_LONG')]]), other]));
  expect([types(events), other.requests.length]).toEqual([['model', 'error'], 0]);
});

test('A4: with an empty list the answer says how to add a model', async () => {
  expect(await ask(withFallback([]))).toMatchObject([{ type: 'error', error: { code: 'NO_MODEL' } }]);
});

test('A3: Stop reaches a model behind retries and fallback', async () => {
  const controller = new AbortController();
  const model = withFallback([withRetry(scripted([() => endless({ type: 'text', text: 'He' })]))]);
  const { end } = await collect({
    model,
    signal: controller.signal,
    onEvent: (event) => void (event.type === 'delta' && controller.abort()),
  });
  expect(end.reason).toBe('stopped');
});
