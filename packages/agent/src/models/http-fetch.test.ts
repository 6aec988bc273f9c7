import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { guardedFetch, RedirectError } from './provider-fetch.ts';

const get = guardedFetch();

const startServer = async (answer: RequestListener) => {
  const asked: { request: IncomingMessage; body: string }[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      asked.push({ request, body });
      answer(request, response);
    });
  });
  server.on('connection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    asked,
    get connections() {
      return connections;
    },
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/models`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

test('A4, L1: a request arrives as it was given, its answer is what the server said, and the connection is kept', async () => {
  await using server = await startServer((_request, response) => {
    response.writeHead(429, 'Slow Down', { 'retry-after': '3', 'content-type': 'text/plain' });
    response.end('wait');
  });
  for (const text of ['{"a":"ü"}', '{}']) {
    const headers = { 'Content-Type': 'application/json', authorization: 'Bearer k' };
    const response = await get(server.url, { method: 'POST', headers, body: text });
    expect([response.status, response.statusText, response.ok]).toEqual([429, 'Slow Down', false]);
    expect(response.headers.get('retry-after')).toBe('3');
    expect(await response.text()).toBe('wait');
    const { request, body } = server.asked.at(-1) ?? { request: undefined, body: '' };
    expect([request?.method, body]).toEqual(['POST', text]);
    expect(request?.headers).toMatchObject({ authorization: 'Bearer k', 'content-type': 'application/json' });
    expect(request?.headers['content-length']).toBe(String(Buffer.byteLength(text)));
  }
  expect(server.connections).toBe(1);
});

test('A4: an answer without a body has none, a compressed one is read all the same', async () => {
  await using server = await startServer((request, response) => {
    if (request.method === 'DELETE') response.writeHead(204).end();
    else response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"data":[]}'));
  });
  expect((await get(server.url, { method: 'DELETE' })).body).toBeNull();
  expect(await (await get(server.url)).json()).toEqual({ data: [] });
  expect(server.asked[1]?.request.headers['accept-encoding']).toBe('identity');
});

test('A8: a redirect is followed nowhere, and named, also where it is relative', async () => {
  await using server = await startServer((request, response) => {
    const location = request.method === 'GET' ? 'https://elsewhere.example/x' : '/other';
    response.writeHead(302, { location }).end('moved');
  });
  await expect(get(server.url)).rejects.toMatchObject({ host: 'elsewhere.example' });
  await expect(get(server.url, { method: 'POST' })).rejects.toBeInstanceOf(RedirectError);
  await expect(get(server.url, { method: 'POST' })).rejects.toMatchObject({ host: new URL(server.url).host });
  expect(server.asked.map(({ request }) => request.url)).toEqual(['/models', '/models', '/models']);
});

test('A4: a server that is not there, and one that breaks off, fail as fetch does', async () => {
  const { url } = await (async () => {
    await using server = await startServer(() => undefined);
    return { url: server.url };
  })();
  const refused = get(url);
  await expect(refused).rejects.toBeInstanceOf(TypeError);
  await expect(refused).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  await expect(get(url, { headers: { 'x-bad': 'a\nb' } })).rejects.toBeInstanceOf(TypeError);
  await using server = await startServer((request, response) => {
    response.writeHead(200);
    response.write('begun', () => request.socket.destroy());
  });
  await expect((await get(server.url)).text()).rejects.toThrow();
});

test('A3: a stop ends a request that waits and an answer that goes on, read or not, and its connection', async () => {
  await using server = await startServer((request, response) => {
    if (request.method === 'GET') response.writeHead(200).write('begun');
  });
  const stop = new AbortController();
  const waiting = get(server.url, { method: 'POST', body: '{}', signal: stop.signal });
  const unread = await get(server.url, { signal: stop.signal });
  const read = await get(server.url, { signal: stop.signal });
  const reader = read.body?.getReader();
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('begun');
  const closed = server.asked.map(({ request }) => once(request.socket, 'close'));
  stop.abort('stopped');
  await expect(waiting).rejects.toBe('stopped');
  await expect(reader?.read()).rejects.toThrow();
  await expect(unread.text()).rejects.toThrow();
  await Promise.all(closed);
});

test('A4: an answer that nobody reads to its end is left, with its connection', async () => {
  await using server = await startServer((_request, response) => void response.writeHead(200).write('begun'));
  const response = await get(server.url);
  const closed = Promise.all(server.asked.map(({ request }) => once(request.socket, 'close')));
  await response.body?.cancel();
  await closed;
});
