/** The node's end with a real machine, against hubs that are honest, forgetful or hostile. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeFrameWithBytes, isWithBytes, newId, nodeCloseCodes, parseNodeFrame } from '@navisai/protocol';
import type { HubFrame, NodeFrame, NodeFrameOf } from '@navisai/protocol';
import type { Frame } from '@navisai/link';
import { makeLocalTarget } from '@navisai/machine/suites';
import type { TerminalTarget } from '@navisai/machine/suites';
import { nodeId, testLoad } from '../remote-pair.fixture.ts';
import type { ChannelSink, MachineService } from '../remote.types.ts';
import { createMachineService } from './machine-service.ts';

let target: TerminalTarget;
beforeAll(async () => void (target = await makeLocalTarget({ nodeId })));
afterAll(() => target[Symbol.asyncDispose]());

interface ScriptedConnection {
  frames: NodeFrame[];
  output: Uint8Array[];
  closes: { code: number; reason: string }[];
  sink: ChannelSink;
  say(frame: HubFrame): void;
  first<T extends NodeFrame['type']>(type: T, which?: (frame: NodeFrameOf<T>) => boolean): Promise<NodeFrameOf<T>>;
}

const connectTo = (service: MachineService): ScriptedConnection => {
  const frames: NodeFrame[] = [];
  const output: Uint8Array[] = [];
  const closes: { code: number; reason: string }[] = [];
  const send = (frame: Frame): void => {
    if (typeof frame !== 'string' && !isWithBytes(frame)) return void output.push(frame);
    const parsed = parseNodeFrame(frame);
    if (!('frame' in parsed)) throw new Error(`The node sent what is not valid: ${JSON.stringify(parsed)}`);
    frames.push(parsed.frame);
  };
  const sink = service.connect({ send, bufferedBytes: 0, close: (code, reason) => void closes.push({ code, reason }) });
  const connection: ScriptedConnection = {
    frames,
    output,
    closes,
    sink,
    say: (frame) => sink.receive(JSON.stringify(frame)),
    first: <T extends NodeFrame['type']>(type: T, which: (frame: NodeFrameOf<T>) => boolean = () => true) =>
      expect
        .poll(() => frames.find((frame) => frame.type === type && which(frame as NodeFrameOf<T>)), poll)
        .toBeDefined()
        .then(() => frames.find((frame) => frame.type === type && which(frame as NodeFrameOf<T>)) as NodeFrameOf<T>),
  };
  return connection;
};

const poll = { interval: 5 };
const serviceOf = (heartbeatMs = 5000): MachineService =>
  createMachineService({ machine: target.machine, load: () => testLoad, heartbeatMs, onOverlay: () => undefined });
const begin = { type: 'begin', service: null, event: 0 } as const;

const callOf = (sessionId: string, callId: string, command: string): HubFrame => ({
  type: 'call',
  sessionId,
  callId,
  userId: 'u_test0',
  origin: 'agent',
  approvals: 'never',
  tool: 'terminal',
  arguments: { action: 'run', command },
  deadlineMs: 50_000,
});

test('N7: a call that comes again and again is run once, and its result is kept until the hub has it', async () => {
  await using service = serviceOf();
  const first = connectTo(service);
  first.say(begin);
  const [sessionId, callId] = [newId('session'), newId('call')];
  const file = join(target.home, 'once');
  const call = callOf(sessionId, callId, `echo x >> ${file}; sleep 0.2; echo done`);
  first.say(call);
  first.say(call);
  first.sink.closed();
  const second = connectTo(service);
  second.say(begin);
  second.say(call);
  expect((await second.first('result')).result).toMatchObject({ success: true, output: 'done\n' });
  second.sink.closed();
  const third = connectTo(service);
  third.say(begin);
  third.say(call);
  expect((await third.first('result')).result).toMatchObject({ success: true });
  third.say({ type: 'taken', sessionId, callId });
  expect(readFileSync(file, 'utf8')).toBe('x\n');
});

test('N6: cancel kills the tree and is answered when nothing is left', async () => {
  await using service = serviceOf();
  const connection = connectTo(service);
  connection.say(begin);
  const [sessionId, callId] = [newId('session'), newId('call')];
  connection.say(callOf(sessionId, callId, 'sleep 60'));
  connection.say({ type: 'cancel', sessionId, callId });
  expect((await connection.first('result')).result).toMatchObject({ error: { code: 'CANCELLED' } });
  await connection.first('cancelled');
});

test('N3: what a hub missed is told by number, then the state as it is now', async () => {
  await using service = serviceOf();
  const first = connectTo(service);
  first.say(begin);
  const { service: id, event } = await first.first('synced');
  first.sink.closed();
  const session = target.session();
  await session.open('missed', 'sleep 100', { background: true });
  await session.call({ action: 'close', terminal_name: 'missed' });
  const second = connectTo(service);
  second.say({ type: 'begin', service: id, event });
  const kinds = second.frames.flatMap((frame) => (frame.type === 'event' ? [frame.event.type] : [frame.type]));
  expect(kinds.filter((kind) => kind.startsWith('terminal.') || kind === 'state' || kind === 'synced')).toEqual([
    'terminal.opened',
    'terminal.exited',
    'terminal.closed',
    'state',
    'synced',
  ]);
});

test('T22: input comes as bytes and is written once, also when its frame comes twice', async () => {
  await using service = serviceOf();
  const connection = connectTo(service);
  connection.say(begin);
  const session = target.session();
  await session.open('cat', 'stty -echo raw; echo ready; exec cat', {
    background: true,
    wait_for: { pattern: 'ready' },
  });
  const terminalId = target.machine.terminals(session.id)[0]?.id ?? '';
  const ask = encodeFrameWithBytes(
    { type: 'request', id: 7, ask: { name: 'input', terminalId } },
    Buffer.from([0, 255]),
  );
  connection.sink.receive(ask);
  connection.sink.receive(ask);
  expect(await connection.first('response')).toMatchObject({ id: 7, value: { acceptedBytes: 2 } });
  connection.say({ type: 'request', id: 8, ask: { name: 'readHistory', terminalId, from: 0, maxBytes: 100 } });
  const endOf = async (): Promise<unknown> =>
    (await target.machine.readHistory({ terminalId, from: 0, maxBytes: 100 })).bytes.length;
  await expect.poll(endOf, poll).toBe(Buffer.from('ready\n').length + 2);
  expect(await connection.first('response', ({ id }) => id === 8)).toMatchObject({ value: { offset: 0 } });
  await target.machine.closeSession(session.id, 'test');
});

test('N6: an error keeps its code, field and details on the way', async () => {
  await using service = serviceOf();
  const connection = connectTo(service);
  connection.say(begin);
  const [sessionId, callId] = [newId('session'), newId('call')];
  connection.say({ type: 'request', id: 1, ask: { name: 'readOutput', sessionId, callId, from: 0, maxBytes: 1 } });
  expect(await connection.first('response')).toMatchObject({ error: { code: 'NOT_FOUND' } });
});

const offences: [string, (connection: ScriptedConnection) => void][] = [
  ['text that is not JSON', ({ sink }) => sink.receive('{')],
  ['a giant frame', ({ sink }) => sink.receive('x'.repeat(9 * 1024 * 1024))],
  ['bytes of no kind', ({ sink }) => sink.receive(new Uint8Array([1, 2, 3]))],
  ['a call without a session', ({ sink }) => sink.receive('{"type":"call","callId":"c_12345678"}')],
  [
    'a screen larger than allowed',
    ({ say }) =>
      say({ type: 'request', id: 1, ask: { name: 'resize', terminalId: 't_12345678', columns: 5000, rows: 1 } }),
  ],
  [
    'a window without end',
    ({ say }) =>
      say({ type: 'attach', channel: 1, terminalId: 't_1234', snapshot: true, scrollback: 0, windowBytes: 2 ** 40 }),
  ],
];

test.each(offences)('N6: a hub that sends %s loses the connection, and the node goes on', async (_, offend) => {
  await using service = serviceOf();
  const connection = connectTo(service);
  connection.say(begin);
  offend(connection);
  expect(connection.closes).toMatchObject([{ code: nodeCloseCodes.violation }]);
  const next = connectTo(service);
  next.say(begin);
  await next.first('synced');
});

test('N6: what a newer hub asks that this node does not know is skipped', async () => {
  await using service = serviceOf();
  const connection = connectTo(service);
  connection.sink.receive('{"type":"from_the_future"}');
  connection.say(begin);
  await connection.first('synced');
  expect(connection.closes).toEqual([]);
});

test('N3: a node beats, and leaves a hub that is silent for three heartbeats', async () => {
  await using service = serviceOf(20);
  const connection = connectTo(service);
  connection.say(begin);
  await expect.poll(() => connection.frames.filter(({ type }) => type === 'heartbeat').length, poll).toBeGreaterThan(1);
  await expect.poll(() => connection.closes, poll).toMatchObject([{ code: nodeCloseCodes.stopping }]);
});

test('T17: a stream of a terminal that does not exist is closed at once, and one channel is opened once', async () => {
  await using service = serviceOf();
  const connection = connectTo(service);
  connection.say(begin);
  const attach = {
    type: 'attach',
    terminalId: newId('terminal'),
    snapshot: true,
    scrollback: 0,
    windowBytes: 1000,
  } as const;
  connection.say({ ...attach, channel: 1 });
  connection.say({ ...attach, channel: 1 });
  await connection.first('closed');
  expect(connection.frames.filter(({ type }) => type === 'closed')).toHaveLength(1);
});
