/** What every adapter must do with model providers (A4). */
import { expect, test } from 'vitest';
import type { StorePlace } from './event-log.suite.ts';
import type { ModelProviderRecord } from './models.types.ts';

const newProvider = (facts: Partial<ModelProviderRecord> = {}): ModelProviderRecord => ({
  id: 'ollama',
  kind: 'openai-compatible',
  baseUrl: 'http://127.0.0.1:11434/v1',
  sealedKey: null,
  models: [{ id: 'qwen3:8b "ñ"', contextTokens: null }],
  createdAt: '2026-01-01T00:00:00.000Z',
  ...facts,
});

export const testModels = (name: string, newPlace: () => Promise<StorePlace>): void => {
  test(`${name}: A4: providers and the default list are kept, changed and removed together`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const local = newProvider();
    const createdAt = '2026-01-02T00:00:00.000Z';
    const remote = newProvider({ id: 'openai', kind: 'openai', baseUrl: null, sealedKey: 'x', models: [], createdAt });
    await store.transaction(async ({ models }) => {
      await models.put(remote);
      await models.put(local);
      await models.setDefaults(['openai/a', 'ollama/b', 'openai-2/c']);
    });
    expect(await store.read.models.providers()).toEqual([local, remote]);
    const changed = { ...remote, sealedKey: 'y', models: [{ id: 'a', contextTokens: 2048 }] };
    await store.transaction(({ models }) => models.put({ ...changed, createdAt: '2026-01-09T00:00:00.000Z' }));
    expect(await store.read.models.providers()).toEqual([local, changed]);
    expect(await store.read.models.defaults()).toEqual(['openai/a', 'ollama/b', 'openai-2/c']);
    const remove = (id: string) => store.transaction(({ models }) => models.remove(id)).then(({ result }) => result);
    expect(await remove('openai')).toBe(true);
    expect(await remove('openai')).toBe(false);
    expect(await store.read.models.providers()).toEqual([local]);
    expect(await store.read.models.defaults()).toEqual(['ollama/b', 'openai-2/c']);
    await store.transaction(({ models }) => models.setDefaults([]));
    expect(await store.read.models.defaults()).toEqual([]);
  });
};
