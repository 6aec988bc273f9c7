import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Connection, type Handlers, type Nothing } from './connection.ts';
import { FramedSocket } from './framed-socket.ts';
import { agreeOn, greetHost, HandshakeError, welcomeHub, type HandshakeOptions } from './handshake.ts';
import { HostError } from './host-error.ts';
import { prepareRunDirectory, readOrCreateToken, runDirectoryFor } from './run-directory.ts';

type Served = {
  double: { params: { value: number }; result: number };
  echo: { params: null; result: null };
  late: { params: { value: number }; result: number };
  refuse: { params: null; result: null };
  crash: { params: null; result: null };
  hang: { params: null; result: null };
};
type Told = { ping: { number: number } };

const handlers: Handlers<Served> = {
  double: ({ value }) => ({ result: value * 2 }),
  echo: (_, payload) => ({ result: null, payload }),
  late: ({ value }) => ({ result: value, isLate: true }),
  refuse: () => {
    throw new HostError('TERMINAL_EXITED', 'It has ended.', { offset: 7 });
  },
  crash: () => {
    throw new Error('inner detail');
  },
  hang: () => new Promise(() => undefined),
};

const options: HandshakeOptions = { service: 'test-host', versions: { min: 1, max: 2 }, token: Buffer.alloc(32, 7) };
let directory = '';
let server: Server;
const sockets: Socket[] = [];
let serverOptions = { ...options, facts: { build: 'one' } };
let outcome: Promise<unknown> = Promise.resolve();
let served: Connection<Nothing, Served, Told, Nothing> | null = null;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'navis-connection-'));
  serverOptions = { ...options, facts: { build: 'one' } };
  server = createServer((socket) => {
    sockets.push(socket);
    const framed = new FramedSocket(socket);
    outcome = welcomeHub(framed, serverOptions).then(
      ({ version }) => {
        served = new Connection(framed, { handlers, events: {}, onClose: () => undefined });
        served.tell('ping', { number: 1 });
        return version;
      },
      (error: unknown) => error,
    );
  });
  server.listen(join(directory, 'socket'));
  await once(server, 'listening');
});

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
  rmSync(directory, { recursive: true });
});

const open = (): FramedSocket => {
  const socket = connect(join(directory, 'socket'));
  sockets.push(socket);
  return new FramedSocket(socket);
};

const connected = async (heard: number[] = []) => {
  const socket = open();
  const agreed = await greetHost(socket, options);
  const events = { ping: ({ number }: { number: number }) => void heard.push(number) };
  const closed: string[] = [];
  const connection = new Connection<Served, Nothing, Nothing, Told>(socket, {
    handlers: {},
    events,
    onClose: (reason) => void closed.push(reason),
  });
  return { agreed, connection, closed };
};

test('both sides agree on the highest version, and the first event right behind the hello arrives', async () => {
  const heard: number[] = [];
  const { agreed } = await connected(heard);
  expect(agreed).toEqual({ version: 2, facts: { build: 'one' } });
  expect(await outcome).toBe(2);
  await expect.poll(() => heard).toEqual([1]);
});

test('E1: an answer that nobody waits for comes behind those that somebody does, soon and never lost', async () => {
  const { connection } = await connected();
  const order: string[] = [];
  const late = Array.from({ length: 100 }, async (_, value) => {
    expect((await connection.request('late', { value })).result).toBe(value);
    order.push('late');
  });
  await connection.request('double', { value: 1 }).then(() => order.push('double'));
  await Promise.all(late);
  // Of a hundred the first 64 are too many to be held back.
  expect(order.indexOf('double')).toBe(64);
  const last = connection.request('late', { value: 7 });
  await connection.request('double', { value: 1 });
  served?.end('done');
  expect((await last).result).toBe(7);
});

test('the previous version is spoken with a host that knows no newer one', async () => {
  serverOptions.versions = { min: 0, max: 1 };
  expect((await connected()).agreed.version).toBe(1);
});

test('without a common version the hello is refused', async () => {
  serverOptions.versions = { min: 3, max: 4 };
  await expect(greetHost(open(), options)).rejects.toMatchObject({ fault: 'version' });
  expect(await outcome).toMatchObject({ fault: 'version' });
});

test.each([
  [{ min: 1, max: 3 }, 2],
  [{ min: 0, max: 1 }, 1],
  [{ min: 3, max: 9 }, null],
  [{ min: 0, max: 0 }, null],
  ['1', null],
  [null, null],
])('versions 1 to 2 against %j agree on %j', (offered, expected) => {
  expect(agreeOn({ min: 1, max: 2 }, offered)).toBe(expected);
});

test('a host that does not know the token is refused by the hub', async () => {
  serverOptions.token = Buffer.alloc(32, 8);
  await expect(greetHost(open(), options)).rejects.toMatchObject({ fault: 'token' });
});

test('a hub that does not know the token is refused by the host, and nothing of its requests is served', async () => {
  const socket = open();
  const answers: unknown[] = [];
  const closed = new Promise<void>((resolve) => {
    socket.listen({
      onFrame: (frame) => {
        answers.push(frame.kind === 'message' && frame.message);
        if (answers.length > 1) return;
        socket.sendMessage({ proof: 'f'.repeat(64) });
        socket.sendMessage({ id: 1, method: 'double', params: { value: 2 } });
      },
      onClose: () => resolve(),
      onDrain: () => undefined,
    });
  });
  socket.sendMessage({ service: 'test-host', versions: { min: 1, max: 1 }, nonce: 'ab' });
  await closed;
  expect(answers).toEqual([expect.objectContaining({ version: 1 }), { refused: 'token' }]);
  expect(await outcome).toBeInstanceOf(HandshakeError);
});

test('a proof for another kind of host does not count', async () => {
  await expect(greetHost(open(), { ...options, service: 'other-host' })).rejects.toMatchObject({ fault: 'version' });
});

test('a silent peer and a large first frame end the hello', async () => {
  serverOptions = { ...serverOptions, deadlineMs: 50 } as typeof serverOptions;
  open();
  await expect.poll(() => outcome).toMatchObject({ fault: 'deadline' });
  open().sendMessage({ service: 'x'.repeat(5000) });
  await expect.poll(() => outcome).toMatchObject({ fault: 'closed', message: expect.stringContaining('not allowed') });
});

test('requests are answered with results, payloads and errors', async () => {
  const { connection } = await connected();
  expect((await connection.request('double', { value: 21 })).result).toBe(42);
  const payload = Buffer.alloc(3_000_000, 'x');
  expect((await connection.request('echo', null, { payload })).payload.equals(payload)).toBe(true);
  await expect(connection.request('refuse', null)).rejects.toMatchObject({
    code: 'TERMINAL_EXITED',
    details: { offset: 7 },
  });
  await expect(connection.request('crash', null)).rejects.toMatchObject({ code: 'INTERNAL' });
  await expect(connection.request('nothing' as 'echo', null)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  await expect(connection.request('__proto__' as 'echo', null)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
});

test('a silent or lost host answers HOST_UNAVAILABLE', async () => {
  const { connection, closed } = await connected();
  await expect(connection.request('hang', null, { deadlineMs: 20 })).rejects.toMatchObject({
    code: 'HOST_UNAVAILABLE',
  });
  const pending = connection.request('hang', null);
  served?.close('gone');
  await expect(pending).rejects.toMatchObject({ code: 'HOST_UNAVAILABLE' });
  await expect(connection.request('echo', null)).rejects.toMatchObject({ code: 'HOST_UNAVAILABLE' });
  expect(closed).toHaveLength(1);
});

test('a peer that does not read is cut off at a named overflow', async () => {
  const { connection, closed } = await connected();
  sockets[1]?.pause();
  const bytes = Buffer.alloc(4 * 1024 * 1024);
  for (let count = 0; count < 20; count += 1) connection.sendData({ channel: 1, offset: count, bytes });
  expect(connection.isCongested).toBe(true);
  expect(closed).toEqual(['peer does not read']);
});

test('the run directory is short, private and never taken from others', () => {
  const path = join(directory, 'run');
  prepareRunDirectory(path);
  expect(statSync(path).mode & 0o777).toBe(0o700);
  chmodSync(path, 0o755);
  prepareRunDirectory(path);
  expect(statSync(path).mode & 0o777).toBe(0o700);
  symlinkSync(path, join(directory, 'link'));
  expect(() => prepareRunDirectory(join(directory, 'link'))).toThrow('not a directory');
  const long = runDirectoryFor('/home/someone/.navis', `/run/${'x'.repeat(100)}`);
  expect(long.length).toBeLessThan(77);
  expect(runDirectoryFor('/a')).not.toBe(runDirectoryFor('/b'));
});

test('the token is made once, private, and a readable one is refused', () => {
  const path = join(directory, 'token');
  const token = readOrCreateToken(path);
  expect(token).toHaveLength(32);
  expect(readOrCreateToken(path)).toEqual(token);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  chmodSync(path, 0o644);
  expect(() => readOrCreateToken(path)).toThrow('0600');
  writeFileSync(join(directory, 'short'), 'ab', { mode: 0o600 });
  expect(() => readOrCreateToken(join(directory, 'short'))).toThrow('no token');
});
