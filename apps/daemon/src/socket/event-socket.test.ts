/** Event streams and calls on `/ws`: cursors, copies, slow readers, offsets (I8, U2, T3). */
import { randomBytes } from 'node:crypto';
import { binarySubprotocol } from '@navisai/protocol';
import { until } from '@navisai/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSocketBench } from './socket-bench.fixture.ts';
import type { SocketBench } from './socket-bench.fixture.ts';

let bench: SocketBench;
beforeAll(async () => {
  bench = await startSocketBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

test('I8: a session is backfilled after the cursor, then live, without gap or double', async () => {
  const { id } = await bench.host.api.createSession({ body: { title: 'log' } });
  const rename = (title: string) => bench.host.api.changeSession({ params: { id }, body: { title } });
  for (const title of ['a', 'b', 'c']) await rename(title);
  using socket = await bench.open();
  const writing = (async () => {
    for (let count = 0; count < 30; count += 1) await rename(`live ${count}`);
  })();
  socket.subscribe('log', { kind: 'session', sessionId: id, after: 2 });
  const { generation, after } = await socket.next('subscribed');
  expect(after).toBe(2);
  expect(generation).toBe(bench.hub.services.feed.generation);
  await writing;
  await until('all rows come', () => socket.all('session.update').length >= 32);
  expect(socket.all('session.update').map(({ seq }) => seq)).toEqual(
    Array.from({ length: 32 }, (_, index) => index + 3),
  );
  expect(socket.all('live').length).toBe(1);
});

/** 4 KB each. */
const appendRows = async (sessionId: string, count: number): Promise<void> => {
  const data = { change: 'renamed' as const, reason: 'x'.repeat(4_000) };
  const row = { stream: sessionId, sessionId, type: 'session.update' as const, data };
  for (let done = 0; done < count; done += 100)
    await bench.hub.services.feed.append(Array.from({ length: 100 }, () => row));
};

test('I8: a home screen that missed copies is told `live` again, so that it fetches its lists', async () => {
  const { id } = await bench.host.api.createSession({ body: { title: 'copies' } });
  using socket = await bench.open();
  socket.subscribe('hub', { kind: 'hub' });
  await socket.next('live');
  socket.socket.pause();
  await appendRows(id, 6_000);
  socket.socket.resume();
  await socket.next('live');
  expect(socket.all('session.update').length).toBeLessThan(6_000);
  await bench.host.api.changeSession({ params: { id }, body: { title: 'heard' } });
  await until('copies come again', () => socket.all('session.update').at(-1)?.session?.title === 'heard');
});

test('I8: a subscriber that reads nothing for a while costs a bounded queue and then gets every row, in order', async () => {
  const { id } = await bench.host.api.createSession({ body: { title: 'flood' } });
  using socket = await bench.open();
  socket.subscribe('log', { kind: 'session', sessionId: id, after: 1 });
  await socket.next('live');
  socket.socket.pause();
  await appendRows(id, 6_000);
  socket.socket.resume();
  await until('all rows come', () => socket.all('session.update').length >= 6_000);
  expect(socket.all('session.update').map(({ seq }) => seq)).toEqual(
    Array.from({ length: 6_000 }, (_, index) => index + 2),
  );
});

test('I8: a cursor of another generation or beyond the log starts over', async () => {
  using socket = await bench.open();
  const to = { kind: 'session', sessionId: bench.sessionId };
  socket.subscribe('old', { ...to, after: 1, generation: 'g_other' });
  expect(await socket.next('subscribed')).toMatchObject({ reset: true, after: 0 });
  await socket.next('live');
  socket.send({ type: 'unsubscribe', data: { id: 'old' } });
  socket.subscribe('ahead', { ...to, after: 1_000_000 });
  expect(await socket.next('subscribed')).toMatchObject({ reset: true, after: 0 });
});

test('I8: the hub stream shows its own rows and copies of every session, each once on one socket', async () => {
  using socket = await bench.open();
  socket.subscribe('hub', { kind: 'hub' });
  await socket.next('live');
  socket.subscribe('s', { kind: 'session', sessionId: bench.sessionId });
  await socket.next('live');
  const { id } = await bench.host.api.createSession({ body: { title: 'seen' } });
  await bench.host.api.changeSession({ params: { id: bench.sessionId }, body: { title: 'once' } });
  await bench.host.api.closeSession({ params: { id } });
  await until('the closing is told', () =>
    socket.events.find((event) => event.type === 'session.update' && event.data.change === 'closed'),
  );
  const told = socket.events
    .filter((event) => event.type === 'session.update')
    .map((event) => `${event.sessionId === bench.sessionId ? 'known' : 'new'} ${event.data.change}`);
  expect(told.toSorted()).toEqual(['known renamed', 'new closed', 'new created']);
});

test('U2: what a device may not see answers like what is not there', async () => {
  using socket = await bench.open();
  socket.subscribe('1', { kind: 'session', sessionId: 's_00000000' });
  expect(await socket.next('error')).toMatchObject({ id: '1', reason: 'NOT_FOUND' });
  socket.subscribe('2', { kind: 'terminal', terminalId: 't_00000000' });
  expect(await socket.next('error')).toMatchObject({ id: '2', reason: 'NOT_FOUND' });
});

test('one thing is subscribed to once per socket, under one id, and only so many at all', async () => {
  using socket = await bench.open();
  socket.subscribe('1', { kind: 'hub' });
  await socket.next('subscribed');
  socket.subscribe('1', { kind: 'session', sessionId: bench.sessionId });
  expect(await socket.next('error')).toMatchObject({ id: '1', reason: 'CONFLICT' });
  socket.subscribe('2', { kind: 'hub' });
  expect(await socket.next('error')).toMatchObject({ id: '2', reason: 'CONFLICT' });
  for (let count = 0; count < 260; count += 1)
    socket.subscribe(`c${count}`, { kind: 'call', sessionId: bench.sessionId, callId: `call-${1000 + count}` });
  await socket.settled();
  expect(await socket.next('error')).toMatchObject({ reason: 'RATE_LIMITED' });
});

test('T3: the output of a call comes per stream with offsets, in text and in binary', async () => {
  const callId = `call-${randomBytes(6).toString('hex')}`;
  using text = await bench.open();
  using binary = await bench.open({ subprotocols: [binarySubprotocol] });
  for (const socket of [text, binary]) {
    socket.subscribe('c', { kind: 'call', sessionId: bench.sessionId, callId, stdout: 4 });
    await socket.next('subscribed');
  }
  for (const { stdout, sink } of bench.machine.watchers) {
    if (stdout !== 4) continue;
    sink.onOutput({ stream: 'stdout', offset: 4, bytes: Buffer.from('grü').subarray(0, 3) });
    sink.onOutput({ stream: 'stderr', offset: 0, bytes: Buffer.from('oh') });
    sink.onOutput({ stream: 'stdout', offset: 7, bytes: Buffer.from('grü!').subarray(3) });
    sink.onEnd({ exitCode: 3, signal: null });
  }
  expect(await text.next('call.end')).toEqual({ callId, exitCode: 3, signal: null });
  expect(text.all('call.output')).toEqual([
    { callId, stream: 'stdout', offset: 4, nextOffset: 6, text: 'gr' },
    { callId, stream: 'stderr', offset: 0, nextOffset: 2, text: 'oh' },
    { callId, stream: 'stdout', offset: 6, nextOffset: 9, text: 'ü!' },
  ]);
  await binary.next('call.end');
  expect(binary.frames.map(({ kind, offset, bytes }) => [kind, offset, Buffer.from(bytes).toString('hex')])).toEqual([
    ['output', 4, '6772c3'],
    ['stderr', 0, '6f68'],
    ['output', 7, 'bc21'],
  ]);
});
