/** What a person does with the registry, and what watchers are told of it (N2, N3, N12). */
import { type HubEvent, newId, type NodeInfo } from '@navisai/protocol';
import { until } from '@navisai/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HubBench, startHubBench } from '../hub-bench.fixture.ts';
import { newMainRecord } from './main-node.ts';
import { beNode, dialNode, inviteNode, type ScriptedNode } from './scripted-node.fixture.ts';

let bench: HubBench;

beforeAll(async () => {
  bench = await startHubBench({ config: { origins: ['https://hub.example'] } });
});

afterAll(async () => {
  await bench[Symbol.asyncDispose]();
});

const nodeOf = async (id: string) => (await bench.call('GET', `/nodes/${id}`)).body as unknown as NodeInfo;

/** What is told from now on, until it is disposed. */
const follow = (): { events: HubEvent[] } & Disposable => {
  const events: HubEvent[] = [];
  const stop = new AbortController();
  const { feed } = bench.hub.services;
  const run = async (): Promise<void> => {
    const { seq } = await feed.read({ stream: 'hub', after: Number.MAX_SAFE_INTEGER, limit: 1 });
    for await (const item of feed.follow({ stream: 'hub', after: seq, signal: stop.signal }))
      if (item.kind === 'event') events.push(item.event.event);
  };
  void run().catch(() => undefined);
  return { events, [Symbol.dispose]: () => stop.abort() };
};

const changesOf = (events: readonly HubEvent[]): string[] =>
  events.flatMap((event) => (event.type === 'node.updated' ? [event.data.change] : []));

test('N2: an invitation is one line with the hub to dial and the key in the environment, never in arguments', async () => {
  const { body } = await bench.call('POST', '/nodes', { name: 'line', labels: { role: 'web' } });
  expect(body['command']).toBe(`NODE_API_KEY=${String(body['key'])} npx navisai node join https://hub.example`);
  expect(body['node']).toMatchObject({ name: 'line', labels: { role: 'web' }, state: 'invited' });
  expect(String(body['key'])).toContain(bench.hubId);
});

test('N3: names are unique and no ids; main cannot be renamed, rekeyed, revoked or removed', async () => {
  const add = (name: string) => bench.call('POST', '/nodes', { name });
  expect((await add('one')).status).toBe(200);
  expect(await add('one')).toMatchObject({ status: 409, body: { code: 'CONFLICT', field: 'name' } });
  for (const name of ['main', 'n_0000', '', '.x', 'a b', 'x'.repeat(64)]) expect((await add(name)).status).toBe(400);
  await add('two');
  const rename = (id: string, name: string) => bench.call('PATCH', `/nodes/${id}`, { name });
  expect((await rename('two', 'one')).status).toBe(409);
  expect((await rename('two', 'three')).body).toMatchObject({ name: 'three' });
  expect((await bench.call('GET', '/nodes/two')).status).toBe(404);
  expect((await rename('main', 'other')).status).toBe(409);
  for (const path of ['/nodes/main/rekey', '/nodes/main/revoke'])
    expect((await bench.call('POST', path)).status).toBe(409);
  expect((await bench.call('DELETE', '/nodes/main')).status).toBe(409);
});

test('N3: labels are merged, null removes one; what is no label is refused', async () => {
  await bench.call('POST', '/nodes', { name: 'labels', labels: { a: '1', b: '2' } });
  const change = (labels: object) => bench.call('PATCH', '/nodes/labels', { labels });
  expect((await change({ b: null, c: '3' })).body['labels']).toEqual({ a: '1', c: '3' });
  expect(await change({ 'not a key': 'x' })).toMatchObject({ status: 400, body: { field: 'labels' } });
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`k${index}`, 'v']));
  expect(await change(many)).toMatchObject({ status: 400, body: { field: 'labels' } });
  expect((await nodeOf('labels')).labels).toEqual({ a: '1', c: '3' });
});

test('N3: changes are rows of the log; presence and load are told to watchers and not kept', async () => {
  using watcher = follow();
  const identity = await inviteNode(bench, 'watched');
  await until('the watcher is there', () => changesOf(watcher.events).includes('added'));
  using node = await dialNode(bench, identity);
  await node.frame('welcome');
  beNode(node);
  const load = { at: new Date().toISOString(), cpus: 2, load1: 1, memoryBytes: 10, freeMemoryBytes: 5, uptime: 9 };
  await until('it is online', async () => (await nodeOf('watched')).state === 'online');
  for (let beat = 0; beat < 3; beat += 1) node.send({ type: 'heartbeat', load });
  await until('load is told', () => changesOf(watcher.events).includes('load'));
  expect((await nodeOf('watched')).load).toEqual(load);
  await bench.call('PATCH', '/nodes/watched', { draining: true });
  node[Symbol.dispose]();
  await until('the end is told', () => changesOf(watcher.events).includes('disconnected'));
  expect(changesOf(watcher.events)).toEqual(['added', 'enrolled', 'connected', 'load', 'draining', 'disconnected']);
  const last = watcher.events.at(-1)?.data as { node: NodeInfo; seq?: number };
  expect(last.node).toMatchObject({ state: 'offline', connectedAt: null });
  const { body } = await bench.call('GET', '/events?after=0&limit=500');
  const kept = (body['events'] as HubEvent[]).filter(
    ({ type, data }) => type === 'node.updated' && (data as { node: NodeInfo }).node.name === 'watched',
  );
  expect(changesOf(kept)).toEqual(['added', 'enrolled', 'draining']);
});

/** Answers what the hub asks of it. */
const answer = async (node: ScriptedNode, name: string, facts: object): Promise<void> => {
  const asked = (frame: object) => 'ask' in frame && (frame.ask as { name: string }).name === name;
  const frame = await until(`the hub asks for ${name}`, () => node.frames.find(asked) as { id: number } | undefined);
  node.frames.splice(node.frames.indexOf(frame as never), 1);
  node.send({ type: 'response', id: frame.id, ...facts });
};

test('N12: an overlay is kept for a node that is away, and sent in the welcome; one that it refuses is not kept', async () => {
  const identity = await inviteNode(bench, 'narrow');
  const overlay = { version: 1, readOnly: true };
  const set = (wanted: object | null) => bench.call('PUT', '/nodes/narrow/policy', { overlay: wanted });
  expect(await set(overlay)).toMatchObject({ status: 200, body: { overlay } });
  expect(await nodeOf('narrow')).toMatchObject({ restricted: true });
  expect((await bench.call('GET', '/nodes/narrow/policy')).body.code).toBe('NODE_OFFLINE');
  using node = await dialNode(bench, identity);
  expect(await node.frame('welcome')).toMatchObject({ overlay });
  beNode(node);
  const policy = { ceiling: null, ceilingFile: '/policy.json', overlay, allowedCommands: null, sandbox: 'none' };
  await answer(node, 'policy', { value: policy });
  await until('it is online', async () => (await nodeOf('narrow')).state === 'online');
  const removing = set(null);
  await answer(node, 'setOverlay', { error: { code: 'SANDBOX_UNAVAILABLE', message: 'no' } });
  expect((await removing).body.code).toBe('SANDBOX_UNAVAILABLE');
  expect(await nodeOf('narrow')).toMatchObject({ restricted: true });
  const again = set(null);
  await answer(node, 'setOverlay', { value: null });
  await answer(node, 'policy', { value: { ...policy, overlay: null } });
  expect((await again).status).toBe(200);
  expect(await nodeOf('narrow')).toMatchObject({ restricted: false });
});

test(
  'N6: a node that falls silent without a word is told to be gone within fifteen seconds',
  { timeout: 180_000, retry: 2 },
  async () => {
    const identity = await inviteNode(bench, 'silent');
    using node = await dialNode(bench, identity);
    await node.frame('welcome');
    beNode(node);
    await until('it is online', async () => (await nodeOf('silent')).state === 'online');
    const from = performance.now();
    await until('it is offline', async () => (await nodeOf('silent')).state === 'offline', 25_000);
    expect(performance.now() - from).toBeLessThan(15_500);
  },
);

test(
  'N3, F1: ten thousand nodes are listed in pages, or at once, in bounded time',
  { timeout: 180_000, retry: 2 },
  async () => {
    await using large = await startHubBench();
    const { feed, nodes } = large.hub.services;
    const at = new Date().toISOString();
    await feed.transaction(async (writer) => {
      for (let index = 0; index < 10_000; index += 1) {
        const name = `node-${index}`;
        await writer.nodes.create({ ...newMainRecord(at), id: newId('node'), name, publicKey: 'k' });
      }
    });
    await nodes.load();
    const from = performance.now();
    const all = (await large.call('GET', '/nodes')).body as unknown as { nodes: NodeInfo[]; next: string | null };
    const allMs = performance.now() - from;
    expect(all.nodes).toHaveLength(10_001);
    expect(all.nodes[0]?.id).toBe('main');
    expect(allMs).toBeLessThan(3000);
    const pages: string[] = [];
    for (let after: string | null = ''; after !== null;) {
      const page = await large.call('GET', `/nodes?limit=500${after === '' ? '' : `&after=${after}`}`);
      const { nodes: some, next } = page.body as unknown as { nodes: NodeInfo[]; next: string | null };
      pages.push(...some.map(({ id }) => id));
      after = next;
    }
    expect(pages).toEqual(all.nodes.map(({ id }) => id));
    expect((await large.call('GET', '/nodes?after=n_none')).status).toBe(404);
  },
);

test('I10, I13: whoever keeps failing must wait; the others of the hub do not notice', async () => {
  await using busy = await startHubBench();
  const identity = await inviteNode(busy, 'guessed');
  const codes: (number | undefined)[] = [];
  for (let attempt = 0; attempt < 70 && codes.at(-1) !== 429; attempt += 1) {
    using node = await dialNode(busy, { ...identity, secret: 'A'.repeat(22) });
    if (node.refusedWith === undefined) await node.frame('refused');
    codes.push(node.refusedWith);
  }
  expect(codes.at(-1)).toBe(429);
  expect(codes.length).toBeGreaterThan(50);
  expect((await busy.call('GET', '/nodes')).status).toBe(200);
});
