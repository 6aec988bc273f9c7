/** Asks a model of any provider and tells what came of it; no event may have the key in it. */
import type { ModelProviderKind } from '@navisai/protocol';
import type { ModelServer } from '@navisai/testkit';
import { expect } from 'vitest';
import type { ModelError, ModelEvent, ModelRequest } from '../agent.types.ts';
import { createProviderModel } from './create-provider-model.ts';
import type { ProviderModelOptions } from './models.types.ts';

export const key = 'sk-secret-0123456789';

export interface Asking extends Partial<ModelRequest>, Partial<Pick<ProviderModelOptions, 'deadlines' | 'model'>> {
  baseUrl?: string;
}

export const ask = async (server: ModelServer, kind: ModelProviderKind, asking: Asking = {}): Promise<ModelEvent[]> => {
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

export const textOf = (events: ModelEvent[], type: 'text' | 'thinking'): string =>
  events.map((event) => (event.type === type ? event.text : '')).join('');

export const errorOf = (events: ModelEvent[]): ModelError => {
  const last = events.at(-1);
  if (last?.type !== 'error') throw new Error(`no error: ${JSON.stringify(events)}`);
  return last.error;
};
