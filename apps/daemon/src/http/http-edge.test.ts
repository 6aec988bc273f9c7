/** What holds for every request: hosts, origins, bodies, errors, headers, limits, files (I7, I10, I11). */
import { mkdirSync, writeFileSync } from 'node:fs';
import { brotliCompressSync } from 'node:zlib';
import { join } from 'node:path';
import fc from 'fast-check';
import { fastify } from 'fastify';
import { expect, test } from 'vitest';
import { newTestHome, startHubBench } from '../hub-bench.fixture.ts';
import { createOriginPolicy } from './host-and-origin.ts';
import { createRateLimiter } from './rate-limit.ts';
import { createWebFiles } from './web-files.ts';
import { replyError } from './error-reply.ts';

const policy = createOriginPolicy({ origins: ['https://hub.example.com'], listen: ['127.0.0.1'], port: () => 47_621 });

const isAllowed = (host: string | undefined, origin?: string): boolean => {
  try {
    policy.check({ host, ...(origin === undefined ? {} : { origin }) });
    return true;
  } catch {
    return false;
  }
};

test('I11: only own host names are served, whatever the port', () => {
  for (const host of [
    'localhost',
    'localhost:47621',
    'LOCALHOST:8000',
    '127.0.0.1:47621',
    '[::1]:47621',
    'navis.local',
    'hub.example.com',
  ])
    expect(isAllowed(host), host).toBe(true);
  for (const host of [
    undefined,
    '',
    'evil.example',
    'localhost.evil.example',
    'localhost:47621@evil.example',
    '127.0.0.2',
    '10.0.0.1',
    'localhost:x',
    'localhost ',
    '[::2]',
  ])
    expect(isAllowed(host), host).toBe(false);
  fc.assert(fc.property(fc.webUrl(), (url) => !isAllowed(new URL(url).host)));
});

test('I11: pages of the hub itself and of configured origins may call, others on this machine may not', () => {
  const host = 'localhost:47621';
  for (const origin of [
    'https://localhost:47621',
    'https://127.0.0.1:47621',
    'https://navis.local',
    'https://hub.example.com',
  ])
    expect(isAllowed(host, origin), origin).toBe(true);
  for (const origin of [
    'null',
    '',
    'http://localhost:47621',
    'https://localhost:8080',
    'https://localhost',
    'https://evil.example',
    'https://hub.example.com:444',
    'https://hub.example.com.evil.example',
  ])
    expect(isAllowed(host, origin), origin).toBe(false);
  // Through a tunnel the page and the host have the same port.
  expect(isAllowed('localhost:9000', 'https://localhost:9000')).toBe(true);
});

test('I11: a configured origin gets CORS headers, never a star; preflights are answered', async () => {
  await using bench = await startHubBench({ config: { origins: ['https://hub.example.com'] } });
  const origin = 'https://hub.example.com';
  const answer = await bench.send({ path: '/status', headers: { origin } });
  expect(answer.headers).toMatchObject({ 'access-control-allow-origin': origin, vary: 'origin' });
  const preflight = await bench.send({
    method: 'OPTIONS',
    path: '/sessions',
    headers: { origin, 'access-control-request-method': 'POST' },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers['access-control-allow-headers']).toContain('authorization');
  const foreign = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };
  expect((await bench.send({ method: 'OPTIONS', path: '/sessions', headers: foreign })).status).toBe(403);
  const own = await bench.send({ path: '/status', headers: { origin: `https://localhost:${bench.port}` } });
  expect(own.headers['access-control-allow-origin']).toBeUndefined();
});

test('I10: whatever is wrong with a request, the answer is code and message, without stack or path', async () => {
  await using bench = await startHubBench();
  const { host } = bench;
  const json = { 'content-type': 'application/json' };
  const post = { method: 'POST', path: '/sessions', signer: host };
  const session = await bench.call('POST', '/sessions', {});
  const attempts = [
    { attempt: { ...post, body: '{"title":', headers: json }, status: 400, code: 'INVALID_REQUEST' },
    {
      attempt: { ...post, body: Buffer.from([0x22, 0xff, 0x22]), headers: json },
      status: 400,
      code: 'INVALID_REQUEST',
    },
    {
      attempt: { ...post, body: 'title=x', headers: { 'content-type': 'text/plain' } },
      status: 400,
      code: 'INVALID_REQUEST',
    },
    { attempt: { ...post, json: { title: 7 } }, status: 400, code: 'INVALID_REQUEST', field: 'title' },
    { attempt: { ...post, json: { title: 'x'.repeat(201) } }, status: 400, code: 'INVALID_REQUEST', field: 'title' },
    { attempt: { path: '/pairing/status', method: 'POST', json: {} }, status: 400, field: 'pairingId' },
    { attempt: { ...post, json: { extra: 1 } }, status: 400, code: 'INVALID_REQUEST', field: 'extra' },
    { attempt: { ...post, json: [] }, status: 400, code: 'INVALID_REQUEST' },
    { attempt: { ...post, body: '{"__proto__":{"title":"x"}}', headers: json }, status: 400, field: '__proto__' },
    {
      attempt: { ...post, body: Buffer.alloc(9 * 1024 * 1024), headers: json },
      status: 413,
      code: 'PAYLOAD_TOO_LARGE',
    },
    { attempt: { path: '/sessions?limit=0', signer: host }, status: 400, field: 'limit' },
    { attempt: { path: '/sessions?limit=1&limit=2', signer: host }, status: 400, field: 'limit' },
    { attempt: { path: '/sessions?nonsense=1', signer: host }, status: 400, field: 'nonsense' },
    { attempt: { path: '/sessions/..%2f..%2fetc', signer: host }, status: 400, field: 'id' },
    { attempt: { path: '/sessions/%zz', signer: host }, status: 400 },
    { attempt: { path: `/sessions?after=${'x'.repeat(40_000)}` }, status: 413, code: 'PAYLOAD_TOO_LARGE' },
    { attempt: { path: '/status', method: 'TRACE' }, status: 404, code: 'NOT_FOUND' },
    { attempt: { path: '/sessions/s_aaaa', signer: host }, status: 404, code: 'NOT_FOUND' },
    {
      attempt: { path: `/sessions/${String(session.body.id)}/tools/nothing`, method: 'POST', json: {}, signer: host },
      status: 404,
      code: 'TOOL_UNKNOWN',
    },
    {
      attempt: {
        path: `/sessions/${String(session.body.id)}/tools/terminal`,
        method: 'POST',
        body: '{',
        headers: json,
        signer: host,
      },
      status: 400,
    },
    { attempt: { path: '/nothing', signer: host }, status: 404, code: 'NOT_FOUND' },
    { attempt: { path: '/status', method: 'POST', signer: host }, status: 404, code: 'NOT_FOUND' },
    { attempt: { path: '/pairing/request', method: 'POST', body: 'x'.repeat(20_000), headers: json }, status: 413 },
  ];
  for (const { attempt, ...expected } of attempts) {
    const { status, body, text } = await bench.send(attempt);
    expect({ path: attempt.path, status, ...body }).toMatchObject(expected);
    expect(Object.keys(body)).toEqual(expect.arrayContaining(['code', 'message']));
    expect(text).not.toMatch(/at .*\.ts|node_modules|\/work\/|\/tmp\//);
  }
});

test('I10: a failure inside answers INTERNAL without saying what, and the log knows', async () => {
  await using bench = await startHubBench();
  const { body } = await bench.call('POST', '/sessions', {});
  bench.machine.execute = async () => {
    throw new Error('secret detail in /some/path');
  };
  const answer = await bench.call('POST', `/sessions/${String(body.id)}/tools/terminal`, { action: 'list' });
  expect(answer).toMatchObject({ status: 500, body: { code: 'INTERNAL' } });
  expect(answer.text).not.toContain('secret');
  const { text } = await bench.call('GET', '/logs?tail=20');
  expect(text).toContain('secret detail');
});

test('I10, I14: a bucket empties, says when to come back, fills again, and the memory of it is bounded', () => {
  let now = 0;
  const limiter = createRateLimiter({ burst: 3, perSecond: 0.5 }, () => now);
  for (let index = 0; index < 3; index += 1) limiter.take('a');
  expect(() => limiter.take('a')).toThrow(
    expect.objectContaining({ code: 'RATE_LIMITED', details: { retryAfter: 2 } }),
  );
  limiter.take('b');
  now += 2000;
  limiter.take('a');
  expect(() => limiter.take('a')).toThrow();
  for (let index = 0; index < 20_000; index += 1) limiter.take(`peer ${index}`);
  // Forgotten, so full again.
  limiter.take('a');
});

test('I14: too many pairing requests answer 429 with Retry-After', async () => {
  await using bench = await startHubBench();
  const json = {
    token: 'A'.repeat(22),
    name: 'x',
    kind: 'browser',
    publicKey: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
  };
  const statuses: number[] = [];
  for (let index = 0; index < 40; index += 1) {
    const answer = await bench.send({ method: 'POST', path: '/pairing/request', json });
    statuses.push(answer.status);
    if (answer.status === 429) expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  }
  expect(statuses[0]).toBe(403);
  expect(statuses.at(-1)).toBe(429);
});

test('A8: every answer carries the security headers, and nothing may be framed', async () => {
  await using bench = await startHubBench();
  for (const path of ['/status', '/docs', '/', '/nothing', '/sessions']) {
    const { headers } = await bench.send({ path });
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
    expect(headers['content-security-policy'], path).toContain("frame-ancestors 'none'");
    expect(headers['content-security-policy'], path).toContain("default-src 'none'");
  }
});

const serveFolder = async (folder: string) => {
  const server = fastify();
  const webFiles = createWebFiles(folder);
  server.setErrorHandler(replyError);
  server.setNotFoundHandler((request, reply) => webFiles(request, reply));
  await server.ready();
  return server;
};

test('I7: the PWA is served as it was built: hashed files for ever, compressed ones where they are taken, the page for its own addresses', async () => {
  using home = newTestHome();
  const folder = join(home.path, 'build');
  mkdirSync(join(folder, '_app', 'immutable'), { recursive: true });
  writeFileSync(join(home.path, 'secret.txt'), 'secret');
  writeFileSync(join(folder, 'index.html'), '<script>start()</script><script src="/x.js"></script>');
  writeFileSync(join(folder, '_app', 'immutable', 'a.js'), 'let a');
  writeFileSync(join(folder, '_app', 'immutable', 'a.js.br'), brotliCompressSync('let a'));
  writeFileSync(join(folder, 'manifest.webmanifest'), '{}');
  const server = await serveFolder(folder);
  const get = (url: string, headers = {}) => server.inject({ url, headers });
  const script = await get('/_app/immutable/a.js', { 'accept-encoding': 'gzip, br' });
  expect(script.headers).toMatchObject({ 'content-encoding': 'br', 'content-type': 'text/javascript; charset=utf-8' });
  expect(script.headers['cache-control']).toContain('immutable');
  expect((await get('/_app/immutable/a.js')).body).toBe('let a');
  const manifest = await get('/manifest.webmanifest');
  expect(manifest.headers['cache-control']).toBe('no-cache');
  expect((await get('/manifest.webmanifest', { 'if-none-match': String(manifest.headers.etag) })).statusCode).toBe(304);
  for (const address of ['/', '/index.html', '/s/some/terminal']) {
    const page = await get(address, { accept: 'text/html', host: 'localhost:47621' });
    expect(page.body).toContain('start()');
    expect(page.headers['content-security-policy']).toContain("'sha256-");
    expect(page.headers['content-security-policy']).not.toContain("script-src 'self' 'unsafe-inline'");
  }
  expect((await get('/missing.js', { accept: '*/*' })).statusCode).toBe(404);
  for (const address of [
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/_app/..%5c..%5csecret.txt',
    '/a%00.js',
    '//secret.txt',
  ])
    expect((await get(address, { accept: '*/*' })).body, address).not.toContain('secret');
});

test('I7: a hub whose web app was not built says so on a page of its own', async () => {
  using home = newTestHome();
  const server = await serveFolder(join(home.path, 'nothing'));
  const page = await server.inject({ url: '/', headers: { accept: 'text/html' } });
  expect(page.statusCode).toBe(503);
  expect(page.body).toContain('was not built');
});
