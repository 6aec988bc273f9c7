/** The bridge against real sockets: bytes, ends, back-pressure, bounds, and what it refuses (I4). */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Bounds, openBridge } from './bridge.ts';
import { readEnvironment } from './environment.ts';
import { findHub } from './find-hub.ts';
import { parseFlags } from './flags.ts';
import { listen } from './listen.ts';
import { encodeProxyHeader } from './proxy-header.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const v4HeaderBytes = 28;

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** Stands for the hub: what it does with a connection is up to the test. */
const openHub = async (take: (socket: Socket) => void) => {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket.on('error', () => undefined));
    take(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: portOf(server),
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

const openTestBridge = async (target: number, bounds: Partial<Bounds> = {}) => {
  const said: string[] = [];
  const bridge = openBridge({ home: '/nowhere', target, bounds, log: (text) => said.push(text) });
  await listen(bridge.server, { port: 0, addresses: ['127.0.0.1'], inherited: [] });
  return { said, port: portOf(bridge.server), [Symbol.asyncDispose]: () => bridge.close() };
};

const read = async (socket: Socket): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  // Not by iterating: that would close the other half as well.
  socket.on('data', (chunk: Buffer) => void chunks.push(chunk));
  await once(socket, 'end');
  return Buffer.concat(chunks);
};

test('I4: bytes pass untouched both ways behind a header that names the peer, and one end may close before the other', async () => {
  const received = Promise.withResolvers<Buffer>();
  const answer = randomBytes(3_000_000);
  await using hub = await openHub((socket) => {
    // Answers only after the client has said all: its end must pass, and its other half must stay open.
    void read(socket).then((bytes) => {
      received.resolve(bytes);
      socket.end(answer);
    });
  });
  await using bridge = await openTestBridge(hub.port);
  const sent = randomBytes(2_000_000);
  const client = connect({ port: bridge.port, host: '127.0.0.1', allowHalfOpen: true });
  await once(client, 'connect');
  const { localPort } = client;
  client.end(sent);
  expect((await read(client)).equals(answer)).toBe(true);
  const got = await received.promise;
  const header = encodeProxyHeader({
    sourceAddress: '127.0.0.1',
    sourcePort: localPort ?? 0,
    destinationAddress: '127.0.0.1',
    destinationPort: bridge.port,
  });
  expect(got.subarray(0, v4HeaderBytes)).toEqual(header);
  expect(got.subarray(v4HeaderBytes).equals(sent)).toBe(true);
});

test('I4: a reader that does not read holds its writer up instead of filling the memory', async () => {
  await using hub = await openHub((socket) => socket.pause());
  await using bridge = await openTestBridge(hub.port);
  const client = connect({ port: bridge.port, host: '127.0.0.1' });
  const before = process.memoryUsage().arrayBuffers;
  const chunk = Buffer.alloc(1024 * 1024);
  let written = 0;
  const limit = 256;
  while (written < limit && client.write(chunk)) written += 1;
  await expect.poll(() => hub.sockets.size).toBe(1);
  // Kernel buffers take some; the rest waits at the client.
  client.write(Buffer.alloc(64 * 1024 * 1024));
  const [socket] = hub.sockets;
  await expect.poll(() => client.writableLength).toBeGreaterThan(32 * 1024 * 1024);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100 * 1024 * 1024);
  expect(socket?.destroyed).toBe(false);
  client.destroy();
});

test('I4: without a hub the client is cut off at once; a cut at one end reaches the other', async () => {
  await using bridge = await openTestBridge(1);
  const refused = connect({ port: bridge.port, host: '127.0.0.1' });
  refused.on('error', () => undefined);
  await once(refused, 'close');
  await using hub = await openHub((socket) => void socket.once('data', () => socket.resetAndDestroy()));
  await using second = await openTestBridge(hub.port);
  const client = connect({ port: second.port, host: '127.0.0.1' });
  client.on('error', () => undefined).write('x');
  await once(client, 'close');
});

test('I4: idle connections end, and the number of connections is bounded, in all and for one peer', async () => {
  await using hub = await openHub(() => undefined);
  await using idle = await openTestBridge(hub.port, { idleMs: 100 });
  const silent = connect({ port: idle.port, host: '127.0.0.1' });
  silent.on('error', () => undefined);
  await once(silent, 'close');
  await using bridge = await openTestBridge(hub.port, { connectionsPerPeer: 2 });
  const clients = [1, 2, 3].map(() => connect({ port: bridge.port, host: '127.0.0.1' }).on('error', () => undefined));
  await expect.poll(() => clients.filter(({ closed }) => closed).length).toBe(1);
  expect(bridge.said).toEqual([expect.stringContaining('2 connections already')]);
  for (const client of clients) client.destroy();
  await using full = await openTestBridge(hub.port, { connections: 1 });
  const two = [1, 2].map(() => connect({ port: full.port, host: '127.0.0.1' }).on('error', () => undefined));
  await expect.poll(() => two.filter(({ closed }) => closed).length).toBe(1);
  expect(full.said).toEqual([expect.stringContaining('1 connections are open already')]);
  for (const client of two) client.destroy();
});

const run = async (args: string[], environment: NodeJS.ProcessEnv = {}) => {
  const child = spawn(process.execPath, [main, ...args], { env: { ...environment }, stdio: 'pipe' });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, output };
};

test('I4: it refuses to start when its port is taken, and says which', async () => {
  await using taken = await openHub(() => undefined);
  const { code, output } = await run([`--port=${taken.port}`, '--listen=127.0.0.1', '--home=/nowhere']);
  expect(code).toBe(6);
  expect(output).toContain(`Port ${taken.port} is taken by another program`);
});

test('I4: it takes a socket that systemd opened, and ends on SIGTERM', async () => {
  await using hub = await openHub((socket) => void socket.end('hello'));
  const listener = createServer();
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  const port = portOf(listener);
  // The shell keeps the PID across its exec, as systemd does.
  const script = `export LISTEN_PID=$$; exec "$0" "$@"`;
  const words = ['-c', script, process.execPath, main, `--target=${hub.port}`, '--home=/nowhere'];
  const handle = (listener as unknown as { _handle: { fd: number } })._handle;
  const child = spawn('bash', words, { stdio: ['ignore', 'pipe', 'pipe', handle.fd], env: { LISTEN_FDS: '1' } });
  await once(child.stdout as Readable, 'data');
  await new Promise((resolve) => listener.close(resolve));
  const client = connect({ port, host: '127.0.0.1' });
  expect((await read(client)).toString()).toBe('hello');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('I12: wrong flags and variables are refused by name with exit code 2', async () => {
  for (const flag of ['--port=x', '--port=70000', '--port=', '--listen=localhost', '--target=0', '--home=', '--x', 'w'])
    expect(() => parseFlags([flag]), flag).toThrow(expect.objectContaining({ exitCode: 2 }) as Error);
  expect(() => readEnvironment(undefined, { NAVIS_HOME: 'relative' })).toThrow('absolute');
  expect(() => readEnvironment('/x', { LISTEN_FDS: '99', LISTEN_PID: '7' }, 7)).toThrow('LISTEN_FDS');
  expect(readEnvironment('/x', { LISTEN_FDS: '2', LISTEN_PID: '8' }, 7).inherited).toEqual([]);
  expect(readEnvironment('/x', { LISTEN_FDS: '2', LISTEN_PID: '7' }, 7).inherited).toEqual([3, 4]);
  const { code, output } = await run(['--port=99999']);
  expect([code, output]).toEqual([2, '--port must be a whole number from 0 to 65535, not "99999".\n']);
});

test('I5: the hub is found as it told, else as it is configured, else beside its usual port', async () => {
  const home = mkdtempSync(join(tmpdir(), 'nb-'));
  mkdirSync(join(home, 'run'));
  expect(await findHub(home)).toBe(47_622);
  writeFileSync(join(home, 'config.json'), '{"bridge":{"port":5001}}');
  expect(await findHub(home)).toBe(5001);
  writeFileSync(join(home, 'run', 'daemon.json'), '{"bridgePort":5002}');
  expect(await findHub(home)).toBe(5002);
  writeFileSync(join(home, 'run', 'daemon.json'), '{"bridgePort":"5003"');
  expect(await findHub(home)).toBe(5001);
  rmSync(home, { recursive: true });
});

test('I4: headers have the length of their family for every address', () => {
  const address = fc.oneof(fc.ipV4(), fc.ipV6());
  const port = fc.nat(65_535);
  fc.assert(
    fc.property(address, address, port, port, (sourceAddress, destinationAddress, sourcePort, destinationPort) => {
      const header = encodeProxyHeader({ sourceAddress, sourcePort, destinationAddress, destinationPort });
      expect([28, 52]).toContain(header.length);
      expect(header.readUInt16BE(14)).toBe(header.length - 16);
      expect(header.readUInt16BE(header.length - 4)).toBe(sourcePort);
    }),
  );
  const scoped = {
    sourceAddress: 'fe80::1%eth0',
    sourcePort: 1,
    destinationAddress: '::ffff:1.2.3.4',
    destinationPort: 2,
  };
  expect(encodeProxyHeader(scoped).toString('hex')).toContain('00000000000000000000ffff01020304');
});
