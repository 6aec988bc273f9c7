/** `/ws` over real TLS and real sockets: who gets in, what is refused (I9, I11, I13, I14). */
import { binarySubprotocol, encodeBinaryFrame, maxFrameBytes } from '@navisai/protocol';
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
    [
      { type: 'ping', data: { id: 'a', more: 1 } },
      { code: 'INVALID_REQUEST', field: 'data.more', message: 'data.more: is not a known parameter.' },
    ],
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

test('I14: revoking a device closes its sockets within a second with 4403', { retry: 2 }, async () => {
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
