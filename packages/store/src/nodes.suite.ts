/** What every adapter must do for nodes: keys are used once, epochs only grow, and work is remembered (N2, N3, N10). */
import { newId } from '@navisai/protocol';
import { expect, test } from 'vitest';
import type { StorePlace } from './event-log.suite.ts';
import type { NodeRecord, Store } from './store.types.ts';

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();

const newNode = (facts: Partial<NodeRecord> = {}): NodeRecord => ({
  id: newId('node'),
  name: newId('node').slice(2),
  labels: { role: 'web' },
  instanceId: 'main',
  publicKey: null,
  key: { secretHash: 'hash', expiresAt: at(600) },
  epoch: 0,
  draining: false,
  overlay: null,
  platform: null,
  version: null,
  createdAt: at(0),
  enrolledAt: null,
  lastSeenAt: null,
  revokedAt: null,
  ...facts,
});

const create = (store: Store, node: NodeRecord): Promise<boolean> =>
  store.transaction((writer) => writer.nodes.create(node)).then(({ result }) => result);

export const testNodes = (name: string, newPlace: () => Promise<StorePlace>): void => {
  test(`${name}: N3: a node is kept as it is, and listed by age; its name is unique`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const platform = { os: 'linux', arch: 'x64', release: '6', hostname: 'ü', user: 'root', sandbox: 'none' } as const;
    const full = newNode({ overlay: { version: 1, readOnly: true }, platform, draining: true, createdAt: at(5) });
    const old = newNode({ createdAt: at(1) });
    expect(await create(store, full)).toBe(true);
    expect(await create(store, old)).toBe(true);
    expect(await create(store, newNode({ name: old.name }))).toBe(false);
    expect(await store.read.nodes.list()).toEqual([old, full]);
    const change = (id: string, name: string) =>
      store.transaction((writer) => writer.nodes.change(id, { name })).then(({ result }) => result);
    expect(await change(old.id, full.name)).toBe('taken');
    expect(await change('n_none', 'x')).toBeUndefined();
    expect(await change(old.id, 'fresh')).toMatchObject({ name: 'fresh', labels: { role: 'web' } });
    const { result } = await store.transaction(({ nodes }) => nodes.change(full.id, { labels: {}, overlay: null }));
    expect(result).toEqual({ ...full, labels: {}, overlay: null });
    expect((await store.transaction(({ nodes }) => nodes.remove(old.id))).result).toBe(true);
    expect(await create(store, newNode({ name: 'fresh' }))).toBe(true);
  });

  test(`${name}: N2: of many who use one key exactly one is enrolled, and only in time`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const node = newNode();
    await create(store, node);
    const enrol = (publicKey: string, facts: { secretHash?: string; at?: string } = {}) =>
      store
        .transaction(({ nodes }) => nodes.enrol({ id: node.id, publicKey, secretHash: 'hash', at: at(1), ...facts }))
        .then(({ result }) => result);
    expect(await enrol('late', { at: at(600) })).toBeUndefined();
    expect(await enrol('wrong', { secretHash: 'other' })).toBeUndefined();
    const enrolled = await Promise.all(Array.from({ length: 10 }, (_, index) => enrol(`key ${index}`)));
    const [winner, ...others] = enrolled.filter((record) => record !== undefined);
    expect(others).toEqual([]);
    expect(winner).toMatchObject({ key: null, enrolledAt: at(1) });
    expect(await store.read.nodes.get(node.id)).toEqual(winner);
    await store.transaction(({ nodes }) => nodes.change(node.id, { key: { secretHash: 'hash', expiresAt: at(600) } }));
    expect((await store.transaction(({ nodes }) => nodes.revoke(node.id, at(2)))).result?.revokedAt).toBe(at(2));
    expect((await store.transaction(({ nodes }) => nodes.revoke(node.id, at(3)))).result).toBeUndefined();
    expect(await enrol('after')).toBeUndefined();
  });

  test(`${name}: N2, N3: a node that left has no key, is known still, and joins again with a new one`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const node = newNode();
    await create(store, node);
    const leave = async () => (await store.transaction(({ nodes }) => nodes.leave(node.id))).result;
    expect(await leave()).toBeUndefined();
    const enrol = (publicKey: string) =>
      store.transaction(({ nodes }) => nodes.enrol({ id: node.id, publicKey, secretHash: 'hash', at: at(1) }));
    await enrol('first');
    expect(await leave()).toMatchObject({ publicKey: null, key: null, enrolledAt: at(1) });
    expect(await leave()).toBeUndefined();
    expect((await enrol('second')).result).toBeUndefined();
    await store.transaction(({ nodes }) => nodes.change(node.id, { key: { secretHash: 'hash', expiresAt: at(600) } }));
    expect((await enrol('third')).result).toMatchObject({ publicKey: 'third', key: null });
  });

  test(`${name}: N3: epochs are allotted once each, also to many at once, and never to a revoked node`, async () => {
    await using place = await newPlace();
    const node = newNode();
    {
      await using store = await place.open();
      await create(store, node);
      const next = () => store.transaction(({ nodes }) => nodes.nextEpoch(node.id)).then(({ result }) => result);
      const epochs = await Promise.all(Array.from({ length: 20 }, next));
      expect(epochs.toSorted((one, other) => Number(one) - Number(other))).toEqual(
        Array.from({ length: 20 }, (_, index) => index + 1),
      );
    }
    await using again = await place.open();
    const next = () => again.transaction(({ nodes }) => nodes.nextEpoch(node.id)).then(({ result }) => result);
    expect(await next()).toBe(21);
    await again.transaction(({ nodes }) => nodes.revoke(node.id, at(1)));
    expect(await next()).toBeUndefined();
  });

  test(`${name}: N10: work of a session on a node is remembered, also after it ended, until the node is removed`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const node = newNode();
    await create(store, node);
    const session = { kind: 'terminal', title: '', userId: 'u_1', instanceId: 'main', createdAt: at(0) } as const;
    await store.transaction(async ({ sessions, sessionNodes }) => {
      for (const id of ['s_1111', 's_2222']) {
        await sessions.create({ id, ...session });
        await sessionNodes.give({ sessionId: id, nodeId: node.id, at: at(id === 's_1111' ? 1 : 2) });
      }
      await sessionNodes.give({ sessionId: 's_1111', nodeId: node.id, at: at(3) });
      await sessions.close('s_2222', at(4));
    });
    const atWork = await store.read.sessionNodes.atWork();
    expect(atWork.toSorted((one, other) => (one.sessionId < other.sessionId ? -1 : 1))).toEqual([
      { sessionId: 's_1111', nodeId: node.id, isClosed: false },
      { sessionId: 's_2222', nodeId: node.id, isClosed: true },
    ]);
    await store.transaction(({ sessionNodes }) =>
      sessionNodes.end({ sessionId: 's_2222', nodeId: node.id, at: at(5) }),
    );
    expect(await store.read.sessionNodes.atWork()).toHaveLength(1);
    expect(await store.read.sessionNodes.ofNode(node.id, 10)).toEqual(['s_2222', 's_1111']);
    expect(await store.read.sessionNodes.ofNode(node.id, 1)).toEqual(['s_2222']);
    await store.transaction(({ nodes }) => nodes.remove(node.id));
    expect(await store.read.sessionNodes.ofNode(node.id, 10)).toEqual([]);
  });
};
