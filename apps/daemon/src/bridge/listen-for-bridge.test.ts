/** A hub that is reached on further addresses and through the bridge, with certificates for each name (I3, I4, I11). */
import { readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer, get, request as requestHttps } from 'node:https';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { expect, test } from 'vitest';
import { makeAuthority, makeLeaf } from '../certificates/make-certificates.ts';
import { renewCertificates } from '../certificates/renew-certificates.ts';
import { type HubBench, startHubBench } from '../hub-bench.fixture.ts';
import { listenForBridge } from './listen-for-bridge.ts';

const bridgePortOf = (bench: HubBench): number =>
  (JSON.parse(readFileSync(join(bench.home, 'run', 'daemon.json'), 'utf8')) as { bridgePort: number }).bridgePort;

const proxyHeader = (peer: number[]): Buffer =>
  Buffer.from([...Buffer.from('0d0a0d0a000d0a515549540a', 'hex'), 0x21, 0x11, 0, 12, ...peer, 1, 2, 3, 4, 0, 1, 0, 2]);

/** One request through the port of the bridge, as if it came from `peer`. */
const askThroughBridge = async (bench: HubBench, peer: number[], options: { path: string; body?: string }) => {
  const socket = connect({ port: bridgePortOf(bench), host: '127.0.0.1' });
  socket.write(proxyHeader(peer));
  const secure = connectTls({ socket, ca: bench.ca, servername: 'navis.local' });
  const outgoing = requestHttps({
    createConnection: () => secure,
    host: 'navis.local',
    path: options.path,
    method: options.body === undefined ? 'GET' : 'POST',
    headers: { host: 'navis.local', 'content-type': 'application/json' },
  });
  outgoing.end(options.body);
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of incoming) text += String(chunk);
  return { status: incoming.statusCode, body: JSON.parse(text) as Record<string, unknown> };
};

test('I4: who comes through the bridge is served under the canonical name, and approvals show the real peer', async () => {
  await using bench = await startHubBench({ config: { bridge: { port: 0, mdns: false } } });
  expect(bench.hub.origin).toBe('https://navis.local');
  expect((await askThroughBridge(bench, [10, 9, 8, 7], { path: '/status' })).body).toMatchObject({ status: 'ok' });
  const { url, token } = (await bench.call('POST', '/pairings', {})).body as { url: string; token: string };
  expect(url).toMatch(/^https:\/\/navis\.local\/pair#/);
  const { generateKeyPairSync } = await import('node:crypto');
  const publicKey = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x;
  const body = JSON.stringify({ token, name: 'Phone', kind: 'browser', publicKey });
  expect((await askThroughBridge(bench, [10, 9, 8, 7], { path: '/pairing/request', body })).status).toBe(200);
  const { approvals } = (await bench.call('GET', '/approvals/pending')).body as {
    approvals: { detail: { peer: string } }[];
  };
  expect(approvals.map(({ detail }) => detail.peer)).toEqual(['10.9.8.7']);
});

test('I4: a peer that floods is limited alone, and one that says 127.0.0.1 gains nothing', async () => {
  await using bench = await startHubBench({ config: { bridge: { port: 0, mdns: false } } });
  const knock = (peer: number[]) => {
    const body = JSON.stringify({ token: 'A'.repeat(22), name: 'x', kind: 'cli', publicKey: 'A'.repeat(43) });
    return askThroughBridge(bench, peer, { path: '/pairing/request', body });
  };
  const statuses: (number | undefined)[] = [];
  while (statuses.length < 40 && !statuses.includes(429)) statuses.push((await knock([10, 0, 0, 1])).status);
  expect(statuses).toContain(429);
  expect((await askThroughBridge(bench, [127, 0, 0, 1], { path: '/sessions' })).status).toBe(401);
});

test('I4: on the port of the bridge nothing is served without a header, and it is not there when nothing is set up', async () => {
  await using bench = await startHubBench({ config: { bridge: { port: 0, mdns: false } } });
  for (const bytes of ['GET / HTTP/1.1\r\n\r\n', '\x16\x03\x01', 'PROXY TCP4 1.1.1.1 1.1.1.1 1 1\r\n']) {
    const socket = connect({ port: bridgePortOf(bench), host: '127.0.0.1' }).on('error', () => undefined);
    let received = 0;
    socket.on('data', (chunk: Buffer) => (received += chunk.length));
    socket.write(bytes, 'latin1');
    await once(socket, 'close');
    expect(received).toBe(0);
  }
  await using plain = await startHubBench();
  expect(bridgePortOf(plain)).toBeUndefined();
});

test('I3: a hub that listens on another address answers there and on 127.0.0.1, with a certificate for both', async () => {
  await using bench = await startHubBench({ config: { listen: ['127.0.0.1', '127.7.7.7', '::1'] } });
  for (const host of ['127.0.0.1', '127.7.7.7', '::1']) {
    const outgoing = get({
      host,
      port: bench.port,
      path: '/status',
      ca: bench.ca,
      agent: false,
      checkServerIdentity: () => undefined,
    });
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
    incoming.resume();
    expect([host, incoming.statusCode]).toEqual([host, 200]);
  }
  // An address that comes later holds nothing up.
  await using early = await startHubBench({ config: { listen: ['203.0.113.77'] } });
  expect((await early.send({ path: '/status' })).status).toBe(200);
  expect(early.hub.remarks).toEqual([expect.stringContaining('203.0.113.77 is not an address of this machine yet')]);
});

const certificateFor = (port: number, servername: string, ca: string) =>
  new Promise<string>((resolve) => {
    const socket = connectTls({ port, host: '127.0.0.1', servername, ca });
    socket.on('error', (error) => resolve(error.message));
    socket.on('secureConnect', () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
  });

const shownTo = async (port: number, servername: string, cas: string[]) =>
  certificateFor(port, servername, cas.join(''));

test('I3: the operator’s certificate is shown for its names, the local one for the others, and renewed files are taken into use', async () => {
  const now = new Date();
  const names = { dns: ['hub.example.com'], ip: [] };
  const foreign = await makeAuthority(now, names);
  const [first, second] = [await makeLeaf(foreign, now, names), await makeLeaf(foreign, now, names)];
  const put = (home: string, pair: { certificate: string; key: string }) => {
    writeFileSync(join(home, 'own.key'), pair.key);
    writeFileSync(join(home, 'own.crt'), pair.certificate);
  };
  await using bench = await startHubBench({
    config: {
      origins: ['https://hub.example.com'],
      certificate: { certificateFile: 'own.crt', keyFile: 'own.key' },
    },
    prepare: (home) => put(home, first),
  });
  const cas = [foreign.certificate, bench.ca];
  const { X509Certificate } = await import('node:crypto');
  const fingerprint = (pair: { certificate: string }) => new X509Certificate(pair.certificate).fingerprint256;
  expect(await shownTo(bench.port, 'hub.example.com', cas)).toBe(fingerprint(first));
  expect(await shownTo(bench.port, 'navis.local', [bench.ca])).not.toBe(fingerprint(first));
  expect((await bench.send({ path: '/status' })).status).toBe(200);

  const renewed = Promise.withResolvers<string>();
  using renewal = renewCertificates({
    folder: join(bench.home, 'certs'),
    names: { dns: ['navis.local', 'localhost', 'hub.example.com'], ip: ['127.0.0.1', '::1'] },
    operator: { certificateFile: join(bench.home, 'own.crt'), keyFile: join(bench.home, 'own.key') },
    served: {
      ...bench.hub.services,
      certificate: '',
      key: '',
      operator: first,
      authority: '',
      authorityFile: '',
      remarks: [],
    },
    log: bench.hub.services.hub.log,
    use: ({ operator }) => renewed.resolve(operator?.certificate ?? ''),
    operatorEveryMs: 20,
  });
  expect(renewal).toBeDefined();
  put(bench.home, second);
  expect(await renewed.promise).toBe(second.certificate);
});

test('I4: a connection that sends no header is cut off in time, one that goes away at once harms nobody', async () => {
  const server = createServer();
  await using bench = await startHubBench();
  const { log } = bench.hub.services.hub;
  await using listener = await listenForBridge({ port: 0, server, log, headerMs: 50 });
  for (const bytes of ['', '\r\n\r\n\0\r\nQUIT\n']) {
    const silent = connect({ port: listener.port, host: '127.0.0.1' }).on('error', () => undefined);
    silent.write(bytes);
    await once(silent, 'close');
  }
  const leaving = connect({ port: listener.port, host: '127.0.0.1' });
  leaving.on('connect', () => leaving.resetAndDestroy());
  const last = connect({ port: listener.port, host: '127.0.0.1' }).on('error', () => undefined);
  await once(last, 'close');
});
