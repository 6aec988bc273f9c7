/** `/ws` over real TLS and real sockets: who gets in, what is refused, what is told (I8, I9, I11, I14). */
import { randomBytes } from 'node:crypto';
import { binarySubprotocol, encodeBinaryFrame, maxFrameBytes } from '@navisai/protocol';
import { until } from '@navisai/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { socketCredential } from './raw-socket.fixture.ts';
import { startSocketBench } from './socket-bench.fixture.ts';
import type { SocketBench } from './socket-bench.fixture.ts';

let bench: SocketBench;
beforeAll(async () => {
  bench = await startSocketBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

test('I9: a bad credential is heard once and the socket closed with 4401, whatever is wrong with it', async () => {
  const good = await socketCredential(bench.hostSigner);
  const bad: Record<string, string>[] = [
    {},
    { ...good, signature: `${'A'.repeat(86)}==` },
    { ...good, deviceId: 'd_0000nobody' },
    { ...good, timestamp: 'yesterday' },
    { ...good, nonce: '' },
    { ...good, deviceId: '__proto__' },
  ];
  for (const query of bad) {
    using socket = await bench.open({ query, signer: undefined });
    socket.subscribe('1', { kind: 'hub' });
    expect(await socket.ended()).toMatchObject({ code: 4401 });
    expect(socket.events.map(({ type }) => type)).toEqual(['error']);
    expect(socket.all('error')[0]).toMatchObject({ code: 'UNAUTHORIZED' });
  }
});

test('I13: a credential opens one socket; a skewed clock is told the time', async () => {
  const query = await socketCredential(bench.hostSigner);
  using first = await bench.open({ query, signer: undefined });
  await first.settled();
  using second = await bench.open({ query, signer: undefined });
  expect(await second.ended()).toMatchObject({ code: 4401 });
  const old = { ...(await socketCredential(bench.hostSigner)), timestamp: '2020-01-01T00:00:00.000Z' };
  using skewed = await bench.open({ query: old, signer: undefined });
  await skewed.ended();
  expect(skewed.all('error')[0]).toMatchObject({ reason: 'CLOCK_SKEW', serverTime: expect.any(String) as string });
});

test('I9, I11: a foreign Origin or Host gets 403 and no upgrade', async () => {
  const foreign: Record<string, string>[] = [{ origin: 'https://evil.example' }, { host: 'evil.example' }];
  for (const headers of foreign) {
    using socket = await bench.open({ headers });
    await socket.ended();
    expect(socket.refusedWith).toBe(403);
    expect(socket.events).toEqual([]);
  }
});

test('I9: the credential may travel in the Authorization header', async () => {
  const { deviceId, timestamp, nonce, signature } = await socketCredential(bench.hostSigner);
  const authorization = `Navis deviceId="${deviceId}",timestamp="${timestamp}",nonce="${nonce}",signature="${signature}"`;
  using socket = await bench.open({ signer: undefined, headers: { authorization } });
  await socket.settled();
});

test('I9: malformed frames are errors that name what is wrong; the socket and the hub live on', async () => {
  using socket = await bench.open({ subprotocols: [binarySubprotocol] });
  const frames: [unknown, object][] = [
    ['not json', { code: 'INVALID_REQUEST' }],
    ['null', { code: 'INVALID_REQUEST' }],
    ['{"type":"__proto__","data":{}}', { code: 'INVALID_REQUEST', field: 'type' }],
    [
      { type: 'subscribe', data: { id: 'x', to: { kind: 'moon' } } },
      { code: 'INVALID_REQUEST', id: 'x' },
    ],
    [
      { type: 'ping', data: { id: 7 } },
      { code: 'INVALID_REQUEST', field: 'data.id' },
    ],
    [{ type: 'ping', data: { id: 'a', more: 1 } }, { code: 'INVALID_REQUEST' }],
    [
      { type: 'subscribe', data: { id: '', to: { kind: 'hub' } } },
      { code: 'INVALID_REQUEST', field: 'data.id' },
    ],
    [new Uint8Array(), { code: 'INVALID_REQUEST' }],
    [new Uint8Array(13), { code: 'INVALID_REQUEST' }],
    [
      encodeBinaryFrame({ kind: 'output', channel: 1, offset: 0, bytes: new Uint8Array() }),
      { code: 'INVALID_REQUEST' },
    ],
    [
      encodeBinaryFrame({ kind: 'input', channel: 9, offset: 0, bytes: new Uint8Array(3) }),
      { code: 'INVALID_REQUEST', reason: 'NOT_FOUND' },
    ],
  ];
  for (const [frame, expected] of frames) {
    socket.send(frame);
    expect(await socket.next('error')).toMatchObject(expected);
  }
  await socket.settled();
  expect(JSON.stringify(socket.events)).not.toMatch(/at .*\.ts|node_modules/);
});

test('I9: a frame that is too large closes its socket with a reason and nobody else', async () => {
  using bystander = await bench.open();
  for (const size of [maxFrameBytes + 1, 3 * maxFrameBytes]) {
    using socket = await bench.open();
    socket.send('x'.repeat(size));
    expect((await socket.ended()).code).toBe(1009);
  }
  await bystander.settled();
});

test('I9: random frames never end the hub or the socket of another', async () => {
  using bystander = await bench.open();
  const anyMessage = fc.record({
    type: fc.constantFrom('subscribe', 'unsubscribe', 'terminal.input', 'terminal.ack', 'terminal.control', 'x'),
    id: fc.option(fc.string(), { nil: undefined }),
    data: fc.oneof(
      fc.object(),
      fc.record({ id: fc.string(), to: fc.object() }),
      fc.record({ terminalId: fc.constantFrom('t_0000', '../x', '\0'), offset: fc.integer(), input: fc.string() }),
    ),
  });
  const frame = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.string(),
    fc.json(),
    anyMessage.map((m) => JSON.stringify(m)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { maxLength: 20 }), async (frames) => {
      using socket = await bench.open();
      for (const one of frames) socket.send(one);
      await socket.settled();
    }),
    { numRuns: 40 },
  );
  await bystander.settled();
});

test('a client that asks without reading its answers costs a bounded amount of memory', async () => {
  using socket = await bench.open();
  socket.socket.pause();
  const before = process.memoryUsage().rss;
  const frame = `{"type":"ping","data":{"id":"${'x'.repeat(60)}"}}`;
  for (let round = 0; round < 40; round += 1) {
    for (let count = 0; count < 5_000; count += 1) socket.send(frame);
    await new Promise((resolve) => setImmediate(resolve));
  }
  // The frames wait in this process too: both ends are here.
  expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
  using other = await bench.open();
  await other.settled();
});

test('I14: revoking a device closes its sockets within a second with 4403', async () => {
  const phone = await bench.pair('operator');
  using socket = await bench.open({ signer: phone.signer });
  await socket.settled();
  // A client that does not even read must go, too.
  using deaf = await bench.open({ signer: phone.signer });
  await deaf.settled();
  deaf.socket.pause();
  const revokedAt = performance.now();
  await bench.host.api.revokeDevice({ params: { id: phone.device.id } });
  expect(await socket.ended()).toMatchObject({ code: 4403 });
  deaf.socket.resume();
  await deaf.ended();
  expect(performance.now() - revokedAt).toBeLessThan(1_000);
  using again = await bench.open({ signer: phone.signer });
  expect(await again.ended()).toMatchObject({ code: 4401 });
});

test('I8: a session is backfilled after the cursor, then live, without gap or double', async () => {
  const { id } = await bench.host.api.createSession({ body: { title: 'log' } });
  const rename = (title: string) => bench.host.api.renameSession({ params: { id }, body: { title } });
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
  await bench.host.api.renameSession({ params: { id: bench.sessionId }, body: { title: 'once' } });
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
