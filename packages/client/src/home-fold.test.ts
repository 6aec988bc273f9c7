/** The home screen's state: folded the same whatever the order in which lists and events arrive. */
import type {
  Approval,
  Device,
  HubEvent,
  NodeInfo,
  SessionUpdate,
  SessionWithTerminals,
  TerminalInfo,
} from '@navisai/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyHome, foldHome } from './home-fold.ts';
import type { HomeLists } from './home-fold.ts';
import type { HomeState } from './home.types.ts';

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

const terminal = (id: string, change: Partial<TerminalInfo> = {}): TerminalInfo => ({
  id,
  sessionId: 's_0000',
  name: id,
  description: '',
  command: 'cat',
  nodeId: 'main',
  status: 'busy',
  background: true,
  keepAlive: true,
  pid: 1,
  startedAt: at(1),
  uptime: 0,
  lastActivityAt: at(1),
  exitCode: null,
  signal: null,
  exitedAt: null,
  reason: null,
  columns: 80,
  rows: 24,
  title: '',
  firstOffset: 0,
  endOffset: 0,
  controller: null,
  viewers: 0,
  ...change,
});

const session = (id: string, seq: number, terminals: TerminalInfo[] = []): SessionWithTerminals => ({
  id,
  kind: 'terminal',
  title: id,
  userId: 'u_0000',
  instanceId: 'main',
  createdAt: at(Number(id.slice(-1)) || 0),
  updatedAt: at(0),
  seq,
  terminals,
});

const update = (data: SessionUpdate, sessionId = 's_0000'): HubEvent => ({
  type: 'session.update',
  sessionId,
  data,
  timestamp: at(9),
});

const lists = (sessions: SessionWithTerminals[]): HomeLists => ({
  status: { status: 'ok' } as HomeLists['status'],
  sessions,
  approvals: [],
  devices: [],
  nodes: [],
});

const fold = (events: HubEvent[], start: HomeState = emptyHome): HomeState =>
  events.reduce((state, event) => foldHome(state, { kind: 'event', event }), start);

const terminalIds = (state: HomeState): string[] =>
  state.sessions.flatMap(({ terminals }) => terminals.map(({ id }) => id));

test('T20: terminals appear, change, exit and go as the session tells', () => {
  const opened = fold([
    update({ change: 'created', seq: 1, session: session('s_0000', 1) }),
    update({ change: 'terminal.opened', seq: 2, terminal: terminal('t_1') }),
    update({ change: 'terminal.opened', seq: 3, terminal: terminal('t_2', { startedAt: at(2) }) }),
    update({ change: 'terminal.updated', terminal: terminal('t_1', { title: 'vim' }) }),
  ]);
  expect(terminalIds(opened)).toEqual(['t_1', 't_2']);
  expect(opened.sessions[0]?.terminals[0]?.title).toBe('vim');
  const exited = terminal('t_1', { status: 'idle', exitCode: 0, exitedAt: at(5) });
  const later = fold(
    [
      update({ change: 'terminal.exited', seq: 4, terminal: exited }),
      update({ change: 'terminal.updated', terminal: terminal('t_1') }),
      update({ change: 'terminal.closed', seq: 5, terminal: terminal('t_2'), reason: 'closed after 30 minutes' }),
      update({ change: 'terminal.updated', terminal: terminal('t_2') }),
    ],
    opened,
  );
  expect(later.sessions[0]?.terminals).toEqual([exited]);
  expect(later.notices).toMatchObject([{ terminalId: 't_2', reason: 'closed after 30 minutes' }]);
});

test('I8: rows that the list already contains change nothing', () => {
  const state = foldHome(emptyHome, { kind: 'lists', lists: lists([session('s_0000', 7, [terminal('t_2')])]) });
  const old = update({ change: 'terminal.opened', seq: 6, terminal: terminal('t_1') });
  expect(fold([old], state)).toBe(state);
  expect(terminalIds(fold([update({ change: 'terminal.opened', seq: 8, terminal: terminal('t_3') })], state))).toEqual([
    't_2',
    't_3',
  ]);
});

test('I8: rows told before, during and after the list, some of them twice, end in the same state', () => {
  const rows = [
    update({ change: 'created', seq: 1, session: session('s_0000', 1) }),
    update({ change: 'terminal.opened', seq: 2, terminal: terminal('t_1') }),
    update({ change: 'terminal.opened', seq: 3, terminal: terminal('t_2', { startedAt: at(2) }) }),
    update({ change: 'terminal.closed', seq: 4, terminal: terminal('t_1'), reason: 'closed' }),
    update({ change: 'terminal.opened', seq: 5, terminal: terminal('t_3', { startedAt: at(3) }) }),
  ];
  const expected = terminalIds(fold(rows));
  fc.assert(
    fc.property(fc.nat({ max: 5 }), fc.nat({ max: 5 }), fc.nat({ max: 5 }), (listedAt, toldBefore, heldFrom) => {
      const before = fold(rows.slice(0, toldBefore));
      const listed = fold(rows.slice(0, listedAt)).sessions;
      const after = foldHome(before, { kind: 'lists', lists: lists([...listed]) });
      const replayed = rows.slice(Math.min(heldFrom, listedAt));
      expect(terminalIds(fold(replayed, after))).toEqual(expected);
    }),
  );
});

test('closing a session removes it; sessions are newest first', () => {
  const state = foldHome(emptyHome, {
    kind: 'lists',
    lists: lists([session('s_0001', 1), session('s_0003', 1), session('s_0002', 1)]),
  });
  expect(state.sessions.map(({ id }) => id)).toEqual(['s_0003', 's_0002', 's_0001']);
  expect(fold([update({ change: 'closed', seq: 2 }, 's_0003')], state).sessions.map(({ id }) => id)).toEqual([
    's_0002',
    's_0001',
  ]);
});

test('I14: approvals and devices follow their events', () => {
  const approval = { id: 'a_1', state: 'pending', createdAt: at(1) } as Approval;
  const device = { id: 'd_1', name: 'phone', createdAt: at(1), revokedAt: null } as Device;
  const state = fold([
    { type: 'approval.request', data: { seq: 1, approval }, timestamp: at(1) },
    { type: 'approval.updated', data: { seq: 2, approval: { ...approval, state: 'approved' } }, timestamp: at(2) },
    { type: 'device.updated', data: { seq: 3, device }, timestamp: at(2) },
  ]);
  expect(state.approvals).toEqual([{ ...approval, state: 'approved' }]);
  expect(state.devices).toEqual([device]);
});

const node = (name: string, change: Partial<NodeInfo> = {}): NodeInfo => ({
  id: `n_${name}`,
  name,
  labels: {},
  state: 'online',
  draining: false,
  platform: null,
  version: null,
  epoch: 1,
  createdAt: at(1),
  enrolledAt: at(1),
  connectedAt: at(2),
  lastSeenAt: at(2),
  load: null,
  terminals: 0,
  restricted: false,
  keyExpiresAt: null,
  ...change,
});

const nodeUpdate = (change: 'added' | 'disconnected' | 'removed', changed: NodeInfo): HubEvent => ({
  type: 'node.updated',
  data: { change, node: changed },
  timestamp: at(9),
});

test('N3: nodes follow their events, main first, and an older connection says nothing any more', () => {
  const started = foldHome(emptyHome, {
    kind: 'lists',
    lists: { ...lists([]), nodes: [node('nas', { epoch: 3 }), { ...node('main'), id: 'main' }] },
  });
  const withLaptop = foldHome(started, { kind: 'event', event: nodeUpdate('added', node('laptop')) });
  expect(withLaptop.nodes.map(({ name }) => name)).toEqual(['main', 'laptop', 'nas']);
  const late = nodeUpdate('disconnected', node('nas', { epoch: 2, state: 'offline' }));
  expect(foldHome(withLaptop, { kind: 'event', event: late }).nodes[2]?.state).toBe('online');
  const gone = foldHome(withLaptop, { kind: 'event', event: nodeUpdate('removed', node('laptop')) });
  expect(gone.nodes.map(({ name }) => name)).toEqual(['main', 'nas']);
});

test('A5: what happens to recalls is counted, and a refresh counts too', () => {
  const event = { type: 'recall.updated', data: {}, timestamp: at(1) } as unknown as HubEvent;
  const told = foldHome(emptyHome, { kind: 'event', event });
  expect(told.recallChanges).toBe(1);
});
