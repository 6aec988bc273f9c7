/** What every adapter of the store must do; an adapter without this suite does not exist. */
import { type Approval, type ApprovalOf, type Device, newId, type TerminalInfo } from '@navisai/protocol';
import { expect, test } from 'vitest';
import { testAccess } from './access.suite.ts';
import { testConversations } from './conversations.suite.ts';
import { type StorePlace, testEventLog, update } from './event-log.suite.ts';
import { testModels } from './models.suite.ts';
import { testNodes } from './nodes.suite.ts';
import { testProjects } from './projects.suite.ts';
import { testPush } from './push.suite.ts';
import { testRecalls } from './recalls.suite.ts';
import { testRules } from './rules.suite.ts';
import type { NewSession } from './store.types.ts';

export type { StorePlace } from './event-log.suite.ts';

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();

const newSession = (facts: Partial<NewSession> = {}): NewSession => ({
  id: newId('session'),
  kind: 'terminal',
  title: 'work',
  userId: 'u_1',
  instanceId: 'main',
  createdAt: at(0),
  ...facts,
});

const newDevice = (facts: Partial<Device> = {}): Device => ({
  id: newId('device'),
  name: 'browser',
  kind: 'browser',
  userId: 'u_1',
  scope: 'admin',
  createdAt: at(0),
  lastSeenAt: null,
  revokedAt: null,
  ...facts,
});

const newApproval = (facts: Partial<ApprovalOf<'pairing'>> = {}): Approval => ({
  id: newId('approval'),
  kind: 'pairing',
  state: 'pending',
  title: 'Pair?',
  detail: {
    pairingId: newId('pairing'),
    deviceName: 'phone "ñ" \u0000',
    deviceKind: 'browser',
    shortCode: '123 456',
    requestedScope: 'viewer',
    peer: '::1',
  },
  createdAt: at(0),
  expiresAt: at(600),
  decidedAt: null,
  decidedBy: null,
  ...facts,
});

const newTerminal = (): TerminalInfo => ({
  id: newId('terminal'),
  sessionId: 's_1111',
  name: 'web',
  description: 'a server',
  command: 'cat',
  nodeId: 'main',
  status: 'busy',
  background: true,
  keepAlive: true,
  pid: 1,
  startedAt: at(0),
  uptime: 0,
  lastActivityAt: at(0),
  exitCode: null,
  signal: null,
  exitedAt: null,
  reason: null,
  columns: 120,
  rows: 40,
  title: 'ü',
  firstOffset: 0,
  endOffset: 0,
  controller: null,
  viewers: 0,
});

export const testStore = (name: string, newPlace: () => Promise<StorePlace>): void => {
  testSessions(name, newPlace);
  testConversations(name, newPlace);
  testDecisions(name, newPlace);
  testNodes(name, newPlace);
  testModels(name, newPlace);
  testProjects(name, newPlace);
  testRecalls(name, newPlace);
  testRules(name, newPlace);
  testPush(name, newPlace);
  testAccess(name, newPlace);
  testEventLog(name, newPlace);
};

const testSessions = (name: string, newPlace: () => Promise<StorePlace>): void => {
  test(`${name}: what was kept is found after opening again, under the same generation (I8)`, async () => {
    await using place = await newPlace();
    const session = newSession();
    const first = await place.open();
    await first.transaction((writer) => writer.sessions.create(session));
    const { generation } = first;
    await first[Symbol.asyncDispose]();
    await using second = await place.open();
    expect(second.generation).toBe(generation);
    expect(await second.read.sessions.get(session.id)).toMatchObject({ title: 'work', seq: 0, updatedAt: at(0) });
  });

  test(`${name}: sessions come newest first in pages, and a closed one stays a cursor (I7)`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const made = [0, 1, 1, 2, 3].map((second) => newSession({ createdAt: at(second) }));
    const foreign = newSession({ userId: 'u_2', createdAt: at(9) });
    await store.transaction(async ({ sessions }) => {
      for (const session of [...made, foreign]) await sessions.create(session);
    });
    const { sessions } = store.read;
    const all = await sessions.list({ userId: 'u_1', limit: 10 });
    expect(all.map(({ createdAt }) => createdAt)).toEqual([3, 2, 1, 1, 0].map(at));
    const cursor = all[1]?.id ?? '';
    await store.transaction((writer) => writer.sessions.close(cursor, at(20)));
    const rest = await sessions.list({ userId: 'u_1', after: cursor, limit: 2 });
    expect(rest.map(({ id }) => id)).toEqual(all.slice(2, 4).map(({ id }) => id));
  });

  test(`${name}: of many who make the default session at once, one does`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const make = () => store.transaction((writer) => writer.sessions.create(newSession({ isDefault: true })));
    const made = await Promise.all(Array.from({ length: 20 }, make));
    expect(made.filter(({ result }) => result)).toHaveLength(1);
    const found = await store.read.sessions.defaultOf('u_1');
    await store.transaction((writer) => writer.sessions.close(found?.id ?? '', at(1)));
    expect(await store.read.sessions.defaultOf('u_1')).toBeUndefined();
    expect((await make()).result).toBe(true);
  });

  test(`${name}: what the log last told of a terminal is kept until it is forgotten (T18)`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const terminal = newTerminal();
    await store.transaction(({ terminals }) => terminals.record({ terminal, hasExited: false }));
    expect(await store.read.terminals.list()).toEqual([{ terminal, hasExited: false }]);
    const exited = { terminal: { ...terminal, exitCode: 7 }, hasExited: true };
    await store.transaction(({ terminals }) => terminals.record(exited));
    expect(await store.read.terminals.list()).toEqual([exited]);
    await store.transaction(({ terminals }) => terminals.forget(terminal.id));
    expect(await store.read.terminals.list()).toEqual([]);
  });

  test(`${name}: a transaction that fails leaves nothing, its events neither`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const session = newSession();
    const failing = store.transaction(async (writer) => {
      await writer.sessions.create(session);
      await writer.appendEvents([update(session.id)]);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await store.read.sessions.get(session.id)).toBeUndefined();
    const [event] = await store.appendEvents([update(session.id)]);
    expect(event?.seq).toBe(1);
  });
};

const testDecisions = (name: string, newPlace: () => Promise<StorePlace>): void => {
  test(`${name}: of many decisions about an approval exactly one wins (A2)`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const approval = newApproval();
    await store.transaction((writer) => writer.approvals.create(approval));
    const decide = (index: number) =>
      store.transaction(({ approvals }) =>
        approvals.decide({
          id: approval.id,
          state: index % 2 === 0 ? 'approved' : 'rejected',
          decidedBy: `d_${index}`,
          at: at(1),
        }),
      );
    const decided = await Promise.all(Array.from({ length: 20 }, (_, index) => decide(index)));
    const winners = decided.flatMap(({ result }) => result ?? []);
    expect(winners).toHaveLength(1);
    expect(await store.read.approvals.get(approval.id)).toEqual(winners[0]);
    expect(winners[0]?.detail).toEqual(approval.detail);
  });

  test(`${name}: an approval that is too old cannot be decided, and expires once`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const approval = newApproval();
    await store.transaction((writer) => writer.approvals.create(approval));
    const late = { id: approval.id, state: 'approved', decidedBy: 'd_1', at: at(600) } as const;
    expect((await store.transaction(({ approvals }) => approvals.decide(late))).result).toBeUndefined();
    const expire = () => store.transaction(({ approvals }) => approvals.expire(at(600)));
    expect((await expire()).result.map(({ state }) => state)).toEqual(['expired']);
    expect((await expire()).result).toEqual([]);
    expect(await store.read.approvals.list({ state: 'pending', limit: 10 })).toEqual([]);
  });

  test(`${name}: a device is revoked once; then its key may belong to another device (I14)`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const [first, second] = [newDevice(), newDevice({ createdAt: at(1) })];
    await store.transaction((writer) => writer.devices.create({ device: first, publicKey: 'key' }));
    const again = () => store.transaction((writer) => writer.devices.create({ device: second, publicKey: 'key' }));
    await expect(again()).rejects.toThrow();
    const revoke = () => store.transaction((writer) => writer.devices.revoke(first.id, at(2)));
    expect((await revoke()).result?.revokedAt).toBe(at(2));
    expect((await revoke()).result).toBeUndefined();
    await again();
    expect(await store.read.devices.activeWithKey('key')).toEqual(second);
    expect((await store.read.devices.list()).map(({ id }) => id)).toEqual([first.id, second.id]);
  });

  test(`${name}: a pairing link is used once, and not when it is void or too old (I14)`, async () => {
    await using place = await newPlace();
    await using store = await place.open();
    const link = (tokenHash: string) => ({ tokenHash, scope: 'admin' as const, createdAt: at(0), expiresAt: at(600) });
    const claim = (tokenHash: string, now = at(1)) =>
      store
        .transaction(({ pairings }) =>
          pairings.claim({ tokenHash, now, pairingId: newId('pairing'), approvalId: 'a_1234', publicKey: 'key' }),
        )
        .then(({ result }) => result);
    await store.transaction(({ pairings }) => pairings.create(link('one')));
    expect(await store.read.pairings.open(at(1))).toMatchObject({ tokenHash: 'one' });
    const claims = await Promise.all(Array.from({ length: 10 }, () => claim('one')));
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(await store.read.pairings.open(at(1))).toBeUndefined();
    await store.transaction(({ pairings }) => pairings.create(link('two')));
    expect(await claim('two', at(600))).toBe(false);
    expect((await store.transaction(({ pairings }) => pairings.closeUnused(at(2)))).result).toBe(true);
    expect(await claim('two')).toBe(false);
    expect(await claim('never made')).toBe(false);
  });
};
