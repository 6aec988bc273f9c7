/** What the hub knows of a node, and which events it tells of it, over connections that come and go. */
import { expect, test } from 'vitest';
import type { NodeFrame } from '@navisai/protocol';
import { callId, createScriptedHub, sessionId, terminalId, terminalOf } from '../scripted-node.fixture.ts';

const other = 't_fedcba9876543210';
const third = 't_00000000000000aa';

test('N3: what happened while the link was down is told exactly, in order', () => {
  const { remote, events, presence, connect } = createScriptedHub();
  const first = connect();
  first.sync([terminalOf(), terminalOf({ id: other, name: 'build', pid: 101 })]);
  expect(events.map(({ type }) => type)).toEqual(['terminal.opened', 'terminal.opened']);
  events.length = 0;
  first.cut();
  expect(remote.terminal(other)).toMatchObject({ reachable: false });
  const exited = { status: 'idle', exitCode: 3, exitedAt: '2026-01-01T00:00:05.000Z' } as const;
  const second = connect();
  second.sync([
    terminalOf({ id: third, name: 'new', startedAt: '2026-01-01T00:00:06.000Z' }),
    terminalOf({ id: other, name: 'build', pid: 101, ...exited }),
  ]);
  expect(events).toMatchObject([
    { type: 'terminal.closed', terminal: { id: terminalId }, reason: 'closed while the link was down' },
    { type: 'terminal.exited', terminal: { id: other }, exit: { exitCode: 3, at: exited.exitedAt, kind: 'exited' } },
    { type: 'terminal.opened', terminal: { id: third } },
  ]);
  expect(remote.terminals().map(({ id }) => id)).toEqual([other, third]);
  expect(presence).toEqual([true, false, true]);
});

test('N3: terminals that were known before the hub started are shown as out of reach, then compared', () => {
  const { remote, events, connect } = createScriptedHub({ known: [terminalOf()] });
  expect(remote.terminals(sessionId)).toMatchObject([{ id: terminalId, reachable: false }]);
  connect().sync([terminalOf({ title: 'vim' })]);
  expect(remote.terminals()).toMatchObject([{ title: 'vim', reachable: true }]);
  expect(events).toEqual([]);
});

test('N9: events are numbered: what comes twice or was told before is told on once', () => {
  const { events, connect } = createScriptedHub();
  const first = connect();
  first.sync();
  const opened: NodeFrame = { type: 'event', number: 1, event: { type: 'terminal.opened', terminal: terminalOf() } };
  const data = {
    callId,
    tool: 'terminal',
    action: 'run',
    summary: 'x',
    nodeId: 'n_liar',
    userId: 'u',
    origin: 'agent',
  };
  const event = { type: 'tool_started', sessionId, data } as Extract<NodeFrame, { type: 'event' }>['event'];
  first.say(opened);
  first.say(opened);
  first.say({ type: 'event', number: 2, event });
  first.say({ type: 'event', number: 2, event });
  expect(events.map(({ type }) => type)).toEqual(['terminal.opened', 'tool_started']);
  expect(events[1]).toMatchObject({ data: { nodeId: 'n_test00' } });
  first.cut();
  const second = connect();
  expect(second.framesOf('begin')).toEqual([{ type: 'begin', service: 'service-1', event: 2 }]);
  // Missed meanwhile, then the state that has it.
  const closed = { type: 'terminal.closed', terminal: terminalOf(), reason: 'done' } as const;
  second.say({ type: 'event', number: 3, event: closed });
  second.sync([], { event: 3 });
  expect(events.map(({ type }) => type)).toEqual(['terminal.opened', 'tool_started', 'terminal.closed']);
  expect(events[2]).toMatchObject({ reason: 'done' });
});

test('N9: a call that two programs of a node tell to have ended, one after the other, is told once', () => {
  const { events, connect } = createScriptedHub();
  const data = { callId, tool: 'terminal', nodeId: 'n_test00', success: true, error: null, exitCode: 0, durationMs: 1 };
  const event = { type: 'tool_call', sessionId, data } as Extract<NodeFrame, { type: 'event' }>['event'];
  const first = connect();
  first.sync();
  first.say({ type: 'event', number: 1, event });
  first.cut();
  const second = connect();
  second.sync([], { service: 'another' });
  second.say({ type: 'event', number: 1, event });
  expect(events.map(({ type }) => type)).toEqual(['tool_call']);
});

test('N3: another process of the node numbers its events from the start', () => {
  const { events, connect } = createScriptedHub();
  const first = connect();
  first.sync([], { event: 50 });
  first.cut();
  const second = connect();
  second.sync([], { service: 'service-2', event: 0 });
  second.say({ type: 'event', number: 1, event: { type: 'terminal.opened', terminal: terminalOf() } });
  expect(events).toHaveLength(1);
});

test('T20: uptime goes on while the node is connected and stands still while it is not', () => {
  let now = 0;
  const { remote, connect } = createScriptedHub({ now: () => now });
  const connection = connect();
  connection.sync([terminalOf({ uptime: 10 })]);
  now = 5_000;
  expect(remote.terminal(terminalId)?.uptime).toBe(15);
  connection.cut();
  now = 60_000;
  expect(remote.terminal(terminalId)?.uptime).toBe(15);
});

test('N3: a node that is silent for three heartbeats is gone', () => {
  let now = 0;
  const { remote, presence, connect } = createScriptedHub({ now: () => now, heartbeatMs: 5000 });
  const connection = connect();
  connection.sync();
  now = 14_000;
  remote.checkSilence();
  expect(remote.isConnected).toBe(true);
  now = 15_001;
  remote.checkSilence();
  expect(remote.isConnected).toBe(false);
  expect(presence).toEqual([true, false]);
  expect(connection.closes).toMatchObject([{ code: 1001 }]);
});

test('N3: frames of a connection whose place was taken are dropped', () => {
  const { remote, events, violations, connect } = createScriptedHub();
  const ghost = connect();
  ghost.sync();
  const present = connect();
  present.sync();
  ghost.say({ type: 'event', number: 1, event: { type: 'terminal.opened', terminal: terminalOf() } });
  ghost.raw('nonsense');
  ghost.cut();
  expect(events).toEqual([]);
  expect(violations).toEqual([]);
  expect(remote.isConnected).toBe(true);
});

test('N3: frames that were lost on the way end the connection, so that the next one heals it', () => {
  const { connect } = createScriptedHub();
  const connection = connect();
  connection.sync();
  const load = { at: '2026-01-01T00:00:00.000Z', cpus: 1, load1: 0, memoryBytes: 1, freeMemoryBytes: 1, uptime: 1 };
  connection.say({ type: 'heartbeat', load, sent: 1_000_000 });
  expect(connection.closes).toEqual([{ code: 1001, reason: 'frames were lost' }]);
});
