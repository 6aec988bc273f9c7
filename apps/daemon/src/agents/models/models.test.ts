/** Model providers of a hub: added, tried, preferred, resolved with retries and fallback; their keys never come out (A4, A8). */
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelEvent } from '@navisai/agent';
import type { RouteResponse } from '@navisai/protocol';
import { type ModelServer, startModelServer } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { type HubBench, newTestHome, startHubBench } from '../../hub-bench.fixture.ts';
import { everythingIn } from './everything-in.fixture.ts';

const key = 'sk-very-secret-0123456789';

const add = (bench: HubBench, server: ModelServer, more: Record<string, unknown> = {}) =>
  bench.call('POST', '/models', {
    id: 'house',
    kind: 'openai-compatible',
    baseUrl: server.baseUrl('openai-compatible'),
    ...more,
  });

const listed = async (bench: HubBench) =>
  (await bench.call('GET', '/models')).body as unknown as RouteResponse<'models'>;

const answer = async (bench: HubBench, references: string[] | null = null): Promise<ModelEvent[]> => {
  const model = bench.hub.services.models.resolve(references);
  const events: ModelEvent[] = [];
  const { signal } = new AbortController();
  const messages = [{ role: 'user' as const, text: 'hello' }];
  for await (const event of model.stream({ system: '', messages, tools: [], signal })) events.push(event);
  return events;
};

const textOf = (events: ModelEvent[]): string =>
  events.map((event) => (event.type === 'text' ? event.text : '')).join('');

test('A4: without a provider there is no model, and that is said in words', async () => {
  await using bench = await startHubBench();
  expect(await listed(bench)).toEqual({ providers: [], defaults: [] });
  expect(bench.hub.services.models.hasAny()).toBe(false);
  expect((await answer(bench)).at(-1)).toMatchObject({ type: 'error', error: { code: 'NO_MODEL' } });
  expect(readdirSync(bench.home)).not.toContain('keys');
});

test('A4, A8: a provider is added with its key, tried, made the default and used; the key is nowhere to be read', async () => {
  await using server = await startModelServer();
  server.script(({ said }) =>
    said.includes('one word') ? { thinking: 'hm', text: 'ready' } : { text: 'hello to you' },
  );
  await using bench = await startHubBench();
  const added = await add(bench, server, { key });
  expect(added.body).toMatchObject({ id: 'house', hasKey: true, models: [] });
  const tested = await bench.call('POST', '/models/house/test', {});
  expect(tested.body).toMatchObject({ ok: true, model: 'scripted', error: null });
  expect(tested.body).toMatchObject({ offered: [{ id: 'scripted', contextTokens: 32_768 }] });
  expect(tested.body['latencyMs']).toBeGreaterThanOrEqual(0);
  expect((await bench.call('PUT', '/models/default', { models: ['house/scripted'] })).status).toBe(200);
  const list = await listed(bench);
  expect(list).toMatchObject({ defaults: ['house/scripted'] });
  expect(list.providers[0]?.models).toEqual([{ id: 'scripted', contextTokens: 32_768 }]);
  expect(textOf(await answer(bench))).toBe('hello to you');
  expect(bench.hub.services.models.resolve(null)).toMatchObject({ reference: 'house/scripted', contextTokens: 32_768 });
  expect(server.requests.map(({ headers }) => headers['authorization'])).toEqual([`Bearer ${key}`, `Bearer ${key}`]);
  for (const { text } of [added, tested, await bench.call('GET', '/models')]) expect(text).not.toContain(key);
  expect(everythingIn(bench.home)).not.toContain(key);
  expect(statSync(join(bench.home, 'keys', 'models.key')).mode & 0o777).toBe(0o600);
});

test('A4: the key still opens after a restart, and not where the file beside the store is lost', async () => {
  await using server = await startModelServer(() => ({ text: 'here' }));
  using home = newTestHome();
  {
    await using bench = await startHubBench({ home: home.path });
    await add(bench, server, { key, models: [{ id: 'm' }] });
    await bench.call('PUT', '/models/default', { models: ['house/m'] });
  }
  {
    await using bench = await startHubBench({ home: home.path });
    expect((await listed(bench)).providers[0]?.hasKey).toBe(true);
    expect(textOf(await answer(bench))).toBe('here');
  }
  writeFileSync(join(home.path, 'keys', 'models.key'), 'lost');
  await using bench = await startHubBench({ home: home.path });
  expect(await listed(bench)).toMatchObject({ providers: [{ hasKey: false }], defaults: ['house/m'] });
  await add(bench, server, { key });
  expect(textOf(await answer(bench))).toBe('here');
  expect(server.requests.at(-1)?.headers['authorization']).toBe(`Bearer ${key}`);
});

test('A4: where one model fails the next in the list answers, and the person is told', async () => {
  await using broken = await startModelServer(() => ({ status: 401 }));
  await using good = await startModelServer(() => ({ text: 'from the second' }));
  await using bench = await startHubBench();
  await add(bench, broken, { id: 'first', key, models: [{ id: 'a/b' }] });
  await add(bench, good, { id: 'second', models: [{ id: 'c', contextTokens: 4096 }] });
  await bench.call('PUT', '/models/default', { models: ['gone/x', 'first/a/b', 'second/c'] });
  expect((await listed(bench)).defaults).toEqual([]);
  await bench.call('PUT', '/models/default', { models: ['first/a/b', 'second/c'] });
  const events = await answer(bench);
  expect(textOf(events)).toBe('from the second');
  expect(events.filter((event) => event.type === 'notice').map(({ kind }) => kind)).toEqual(['fallback']);
  expect(broken.requests[0]?.model).toBe('a/b');
  expect(textOf(await answer(bench, ['gone/x', 'second/c']))).toBe('from the second');
  expect((await answer(bench, ['gone/x'])).at(-1)).toMatchObject({ error: { code: 'NO_MODEL' } });
  await bench.call('DELETE', '/models/first');
  expect((await listed(bench)).defaults).toEqual(['second/c']);
  expect((await bench.call('DELETE', '/models/first')).status).toBe(404);
});

test('A8: a key is not taken along to another host, and stays on a change of the rest', async () => {
  await using server = await startModelServer(() => ({ text: 'here' }));
  await using elsewhere = await startModelServer(() => ({ text: 'mine now' }));
  await using bench = await startHubBench();
  await add(bench, server, { key });
  const moved = await add(bench, elsewhere);
  expect(moved).toMatchObject({ status: 400, body: { code: 'INVALID_ARGUMENT' } });
  expect((await add(bench, server, { models: [{ id: 'm' }] })).body).toMatchObject({
    hasKey: true,
    models: [{ id: 'm' }],
  });
  expect(await bench.call('POST', '/models/house/test', {})).toMatchObject({ body: { ok: true } });
  expect((await add(bench, elsewhere, { key: 'another' })).body).toMatchObject({ hasKey: true, models: [{ id: 'm' }] });
  await bench.call('POST', '/models/house/test', {});
  expect(elsewhere.requests[0]?.headers['authorization']).toBe('Bearer another');
});

test('A4: what is no provider is refused by field', async () => {
  await using bench = await startHubBench();
  const bad: Record<string, unknown>[] = [
    { id: 'house', kind: 'openai-compatible' },
    { id: 'house', kind: 'openai-compatible', baseUrl: 'http://me:hush@127.0.0.1/v1' },
    { id: 'house', kind: 'openai', baseUrl: 'https://api.openai.com/v1?key=hush' },
    { id: 'house', kind: 'openai', baseUrl: 'file:///etc/passwd' },
    { id: 'House!', kind: 'openai' },
    { id: 'house', kind: 'telepathy' },
    { id: 'house', kind: 'openai', key: '' },
  ];
  for (const body of bad) {
    const refused = await bench.call('POST', '/models', body);
    expect({ body, status: refused.status }).toEqual({ body, status: 400 });
    expect(refused.text).not.toContain('hush');
  }
  expect(await bench.call('PUT', '/models/default', { models: ['house/x'] })).toMatchObject({ status: 400 });
  expect(await bench.call('POST', '/models/house/test', {})).toMatchObject({ status: 404 });
  const viewer = await bench.addDevice('viewer');
  const refused = await bench.send({
    method: 'POST',
    path: '/models',
    json: { id: 'a', kind: 'openai' },
    signer: viewer,
  });
  expect(refused.status).toBe(403);
  expect((await bench.send({ path: '/models', signer: viewer })).status).toBe(200);
});

test('A4: a test says what is wrong: no server, a refused key, no models', async () => {
  await using server = await startModelServer([{ status: 401 }]);
  await using bench = await startHubBench();
  await bench.call('POST', '/models', { id: 'off', kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:1/v1' });
  const off = await bench.call('POST', '/models/off/test', {});
  expect(off.body).toMatchObject({ ok: false, model: null, offered: [], error: { code: 'UNREACHABLE' } });
  expect(JSON.stringify(off.body['error'])).toContain('http://127.0.0.1:1/v1');
  await add(bench, server, { key });
  expect((await bench.call('POST', '/models/house/test', {})).body).toMatchObject({
    error: { code: 'AUTHENTICATION' },
  });
  server.models = [];
  server.script([{ status: 404 }, { text: 'ready' }]);
  expect((await bench.call('POST', '/models/house/test', {})).body).toMatchObject({ error: { code: 'NO_MODEL' } });
  const named = await bench.call('POST', '/models/house/test', { model: 'mine' });
  expect(named.body).toMatchObject({ ok: true, model: 'mine' });
});

test('A4: many changes at once leave memory and store the same', async () => {
  await using server = await startModelServer();
  await using bench = await startHubBench();
  const ids = Array.from({ length: 40 }, (_, index) => `p-${index}`);
  const answers = await Promise.all(ids.map((id) => add(bench, server, { id, key: `key of ${id}` })));
  expect(answers.filter(({ status }) => status === 200).length).toBe(32);
  expect(answers.filter(({ status }) => status === 409).length).toBe(8);
  const before = await listed(bench);
  await bench.hub.services.models.load();
  expect(await listed(bench)).toEqual(before);
});
