/** Terminals on `/ws`: exact bytes, whole characters, credit, control (T17, T22, A8). */
import { binarySubprotocol, encodeBinaryFrame, maxInputBytes } from '@navisai/protocol';
import { until } from '@navisai/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RawSocket } from './raw-socket.fixture.ts';
import type { ScriptedTerminal } from './scripted-machine.fixture.ts';
import { startSocketBench } from './socket-bench.fixture.ts';
import type { SocketBench } from './socket-bench.fixture.ts';

let bench: SocketBench;
beforeAll(async () => {
  bench = await startSocketBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

const look = (socket: RawSocket, terminal: ScriptedTerminal, more: object = {}) => {
  socket.subscribe(`look ${terminal.info.id}`, { kind: 'terminal', terminalId: terminal.info.id, ...more });
  return socket.next('subscribed');
};

const control = (socket: RawSocket, terminal: ScriptedTerminal, action: 'take' | 'release', more: object = {}): void =>
  socket.send({ type: 'terminal.control', id: action, data: { terminalId: terminal.info.id, action, ...more } });

const type = (socket: RawSocket, terminal: ScriptedTerminal, input: string): void =>
  socket.send({ type: 'terminal.input', id: 'typing', data: { terminalId: terminal.info.id, input } });

test('T17: text comes in whole characters with raw offsets, cut wherever it was printed; invalid bytes are repaired', async () => {
  const terminal = bench.addTerminal();
  using socket = await bench.open();
  await look(socket, terminal);
  const bytes = Buffer.concat([Buffer.from('aé漢🙂'), Buffer.from([0xff, 0xc3]), Buffer.from('z')]);
  for (const byte of bytes) terminal.print(Uint8Array.of(byte));
  await until('everything comes', () => socket.all('terminal.output').at(-1)?.nextOffset === bytes.length);
  expect(socket.text).toBe('aé漢🙂\ufffd\ufffdz');
  const offsets = socket.all('terminal.output').map(({ offset, nextOffset }) => [offset, nextOffset]);
  expect(offsets).toEqual([
    [0, 1],
    [1, 3],
    [3, 6],
    [6, 10],
    [10, 11],
    [11, 13],
  ]);
});

test('I8: what a terminal tells carries its session in the envelope', async () => {
  const terminal = bench.addTerminal();
  using socket = await bench.open();
  await look(socket, terminal, { snapshot: true });
  terminal.print('x');
  await until('it comes', () => socket.text === 'x');
  const told = socket.events.map(({ type, sessionId }) => [type, sessionId]);
  const { sessionId } = terminal.info;
  expect(told).toEqual(['subscribed', 'terminal.snapshot', 'terminal.output'].map((event) => [event, sessionId]));
});

test('T17: a viewer begins with a screen or at an offset, and goes on without gap', async () => {
  const terminal = bench.addTerminal();
  terminal.print('0123456789');
  using screen = await bench.open();
  using middle = await bench.open({ subprotocols: [binarySubprotocol] });
  await look(screen, terminal, { snapshot: true });
  expect(await screen.next('terminal.snapshot')).toMatchObject({ offset: 10, data: '0123456789', columns: 120 });
  const { channel } = await look(middle, terminal, { from: 4 });
  terminal.print('ab');
  await until('all comes', () => middle.frames.length === 2 && screen.text === 'ab');
  expect(middle.frames.map((frame) => [frame.channel, frame.offset, Buffer.from(frame.bytes).toString()])).toEqual([
    [channel, 4, '456789'],
    [channel, 10, 'ab'],
  ]);
  expect(middle.all('terminal.output')).toEqual([]);
});

test('T17: credit holds a viewer that acknowledges nothing, or more than it was sent, within its window', async () => {
  const terminal = bench.addTerminal();
  terminal.print(Buffer.alloc(200_000, 'x'));
  using socket = await bench.open({ subprotocols: [binarySubprotocol] });
  await look(socket, terminal, { windowBytes: 16 * 1024 });
  const received = (): number => socket.frames.reduce((total, { bytes }) => total + bytes.length, 0);
  await socket.settled();
  expect(received()).toBe(16 * 1024);
  const acknowledge = (offset: number): void =>
    socket.send({ type: 'terminal.ack', data: { terminalId: terminal.info.id, offset } });
  acknowledge(10_000_000);
  await socket.settled();
  expect(received()).toBe(32 * 1024);
  acknowledge(20_000);
  await socket.settled();
  expect(received()).toBe(20_000 + 16 * 1024);
  expect(terminal.mostUnderWay).toBeLessThanOrEqual(16 * 1024);
});

test('T17: a client that acknowledges without reading is held by its socket, and memory stays bounded', async () => {
  const terminal = bench.addTerminal();
  terminal.print(Buffer.alloc(64 * 1024 * 1024, 'x'));
  using socket = await bench.open({ subprotocols: [binarySubprotocol] });
  await look(socket, terminal, { windowBytes: 1024 * 1024 });
  socket.socket.pause();
  for (let offset = 0; offset < 64; offset += 1) {
    socket.send({ type: 'terminal.ack', data: { terminalId: terminal.info.id, offset: offset * 1024 * 1024 } });
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const [viewer] = terminal.viewers;
  // One window, the outlet's own bound, and what the kernel holds for both ends.
  expect(viewer?.sent).toBeLessThan(24 * 1024 * 1024);
  socket.socket.resume();
  await socket.settled();
});

test('A8: one viewer controls; taking, releasing and leaving hand over, and everyone is told', async () => {
  const terminal = bench.addTerminal();
  using first = await bench.open();
  const second = await bench.open();
  const { viewerId: one } = await look(first, terminal);
  const { viewerId: two } = await look(second, terminal);
  control(first, terminal, 'take');
  for (const socket of [first, second])
    expect((await socket.next('terminal.control')).controller).toMatchObject({ viewerId: one });
  expect(terminal.responder).toBe('viewer');
  control(second, terminal, 'take', { ifFree: true });
  expect((await second.next('terminal.control')).controller).toMatchObject({ viewerId: one });
  control(second, terminal, 'take');
  expect((await first.next('terminal.control')).controller).toMatchObject({ viewerId: two });
  control(first, terminal, 'release');
  await first.settled();
  expect(terminal.responder).toBe('viewer');
  second[Symbol.dispose]();
  expect((await first.next('terminal.control')).controller).toBeNull();
  expect(terminal.responder).toBe('screen');
});

test('T22: only the viewer in control types and resizes; the others hear CONTROL_REQUIRED', async () => {
  const terminal = bench.addTerminal();
  using first = await bench.open();
  using second = await bench.open({ subprotocols: [binarySubprotocol] });
  type(first, terminal, 'no');
  expect(await first.next('error')).toMatchObject({ reason: 'NOT_FOUND', id: 'typing', terminalId: terminal.info.id });
  await look(first, terminal);
  const { channel = 0 } = await look(second, terminal);
  type(first, terminal, 'no');
  expect(await first.next('error')).toMatchObject({ reason: 'CONTROL_REQUIRED', id: 'typing' });
  control(second, terminal, 'take');
  type(first, terminal, 'no');
  expect(await first.next('error')).toMatchObject({ reason: 'CONTROL_REQUIRED' });
  first.send({ type: 'terminal.resize', data: { terminalId: terminal.info.id, columns: 10, rows: 10 } });
  expect(await first.next('error')).toMatchObject({ reason: 'CONTROL_REQUIRED' });
  const bytes = new TextEncoder().encode('yes ü');
  second.send(encodeBinaryFrame({ kind: 'input', channel, offset: 0, bytes }));
  second.send({ type: 'terminal.resize', data: { terminalId: terminal.info.id, columns: 90, rows: 30 } });
  expect(await first.next('terminal.resized')).toMatchObject({ columns: 90, rows: 30 });
  expect(terminal.input).toBe('yes ü');
});

test('what is sent right after subscribe comes after it', async () => {
  const terminal = bench.addTerminal();
  using socket = await bench.open();
  socket.subscribe('1', { kind: 'terminal', terminalId: terminal.info.id });
  control(socket, terminal, 'take');
  type(socket, terminal, 'at once');
  await until('the input arrives', () => terminal.input === 'at once');
  expect(socket.all('error')).toEqual([]);
});

test('T22: input that a program does not read is refused with what it took; too much at once is refused whole', async () => {
  const terminal = bench.addTerminal();
  using socket = await bench.open({ subprotocols: [binarySubprotocol] });
  const { channel = 0 } = await look(socket, terminal);
  control(socket, terminal, 'take');
  terminal.acceptNext = [3];
  type(socket, terminal, '12345');
  expect(await socket.next('error')).toMatchObject({ reason: 'BACK_PRESSURE', accepted_bytes: 3, id: 'typing' });
  const tooMuch = new Uint8Array(maxInputBytes + 1);
  socket.send(encodeBinaryFrame({ kind: 'input', channel, offset: 0, bytes: tooMuch }));
  expect(await socket.next('error')).toMatchObject({ reason: 'PAYLOAD_TOO_LARGE', terminalId: terminal.info.id });
  expect(terminal.input).toBe('123');
});

test('U1: a device of scope viewer looks and does not act', async () => {
  const terminal = bench.addTerminal();
  const phone = await bench.pair('viewer');
  using socket = await bench.open({ signer: phone.signer });
  await look(socket, terminal);
  terminal.print('seen');
  await until('the output comes', () => socket.text === 'seen');
  control(socket, terminal, 'take');
  expect(await socket.next('error')).toMatchObject({ reason: 'FORBIDDEN', id: 'take' });
  type(socket, terminal, 'x');
  expect(await socket.next('error')).toMatchObject({ reason: 'FORBIDDEN' });
  expect(terminal.input).toBe('');
});

test('T20: lists and sessions tell who controls a terminal and how many look', async () => {
  const terminal = bench.addTerminal();
  using socket = await bench.open();
  using home = await bench.open();
  home.subscribe('hub', { kind: 'hub' });
  await home.next('live');
  await look(socket, terminal);
  control(socket, terminal, 'take');
  await socket.next('terminal.control');
  const session = await bench.host.api.session({ params: { id: bench.sessionId } });
  const listed = session.terminals.find(({ id }) => id === terminal.info.id);
  expect(listed).toMatchObject({ viewers: 1, controller: { name: expect.any(String) as string } });
  await until('the home is told', () =>
    home.all('session.update').some((update) => update.terminal?.id === terminal.info.id && update.terminal.controller),
  );
  socket[Symbol.dispose]();
  await until('and of the leaving', () => home.all('session.update').at(-1)?.terminal?.viewers === 0);
});

test('T19: a closed terminal ends its views with the reason', async () => {
  const terminal = bench.addTerminal();
  using socket = await bench.open();
  const { id } = await look(socket, terminal);
  bench.machine.terminals.delete(terminal.info.id);
  bench.machine.emit({ type: 'terminal.closed', terminal: terminal.info, reason: 'closed by a person' });
  expect(await socket.next('unsubscribed')).toEqual({ id, code: 'NOT_FOUND', message: 'closed by a person' });
});
