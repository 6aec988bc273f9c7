/** Whoever asks a model pays for what it gave, however the answer ended (N8). */
import type { AgentModel, ModelEvent, ModelRequest } from '@navisai/agent';
import { expect, test } from 'vitest';
import { meteredModel } from './metered-model.ts';
import { TokenPool } from './token-pool.ts';

const request: ModelRequest = {
  system: '',
  messages: [{ role: 'user', text: 'Go.' }],
  tools: [],
  signal: new AbortController().signal,
};
const modelThat = (stream: AgentModel['stream']): AgentModel => ({ reference: 'a/b', contextTokens: 1000, stream });
const usage = { inputTokens: 90, outputTokens: 60, cachedInputTokens: 0 };

test('N8: a caller that leaves every answer before its end has its budget, and no more', async () => {
  const pool = new TokenPool(1000);
  const talkative = modelThat(async function* () {
    yield { type: 'text', text: 'x'.repeat(360) };
    yield { type: 'end', reason: 'stop', usage };
  });
  const model = meteredModel(talkative, { pool, maxRequests: 210 });
  let taken = 0;
  const last: ModelEvent['type'][] = [];
  for (let index = 0; index < 210; index += 1)
    for await (const event of model.stream(request)) {
      last[index] = event.type;
      if (event.type === 'text') taken += 1;
      break;
    }
  expect(last.at(-1)).toBe('error');
  expect(taken).toBeLessThanOrEqual(10);
  expect([pool.left, model.used.turns]).toEqual([0, taken]);
  expect(model.used.inputTokens + model.used.outputTokens).toBe(pool.own);
});

test('N8: what the model tells counts as it is, once, and before the caller is told', async () => {
  const pool = new TokenPool(1000);
  const model = meteredModel(
    modelThat(async function* () {
      yield { type: 'text', text: 'x'.repeat(3600) };
      yield { type: 'end', reason: 'stop', usage };
    }),
    { pool, maxRequests: 10 },
  );
  for await (const event of model.stream(request)) if (event.type === 'end') expect(pool.own).toBe(150);
  expect([pool.own, model.used.inputTokens, model.used.outputTokens]).toEqual([150, 90, 60]);
});
