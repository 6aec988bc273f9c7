/** Typed calls: what is sent, what is signed, and what comes of every kind of answer. */
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { NavisError, parseAuthorization, requestSigningText, sha256Hex } from '@navisai/protocol';
import { expect, test } from 'vitest';
import { createApi } from './api.ts';
import type { HttpRequest, HttpTransport } from './http.types.ts';
import { createNodeSigner } from './node/index.ts';
import { createDeviceKey, createWebCryptoSigner } from './signer.ts';
import type { Signer } from './signer.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const signer = createNodeSigner({
  deviceId: 'd_0000test',
  hubId: 'the-hub',
  privateKey: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
});

interface Answer {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
  raw?: Uint8Array<ArrayBuffer>;
}

/** Answers in turn, the last one for ever; keeps what was asked. */
const scripted = (...answers: Answer[]): { http: HttpTransport; requests: HttpRequest[] } => {
  const requests: HttpRequest[] = [];
  const http: HttpTransport = async (request) => {
    requests.push(request);
    const answer = answers[Math.min(requests.length, answers.length) - 1] ?? {};
    const body = answer.raw ?? new TextEncoder().encode(answer.body === undefined ? '' : JSON.stringify(answer.body));
    return { status: answer.status ?? 200, header: (name) => answer.headers?.[name], body };
  };
  return { http, requests };
};

const isSignedBy = async (request: HttpRequest, key: Signer): Promise<boolean> => {
  const credential = parseAuthorization(request.headers['authorization'] ?? '');
  if (credential === undefined || credential.deviceId !== key.deviceId) return false;
  const bodySha256 = await sha256Hex(request.body ?? new Uint8Array());
  const text = requestSigningText({ ...request, ...credential, bodySha256, hubId: key.hubId });
  return verify(null, Buffer.from(text), publicKey, Buffer.from(credential.signature, 'base64'));
};

test('I13: path, query and body travel as they were signed', async () => {
  const { http, requests } = scripted({ body: { success: true, output: '', metadata: {} } });
  const api = createApi({ http, signer });
  await api.sessions({ query: { limit: 5, kind: undefined, after: 's_0000abcd' } });
  await api.callTool({ params: { id: 's_0000abcd', tool: 'terminal' }, body: { action: 'run', command: 'ü "x"' } });
  await api.devices();
  expect(requests.map(({ method, pathAndQuery }) => `${method} ${pathAndQuery}`)).toEqual([
    'GET /sessions?limit=5&after=s_0000abcd',
    'POST /sessions/s_0000abcd/tools/terminal',
    'GET /devices',
  ]);
  expect(JSON.parse(new TextDecoder().decode(requests[1]?.body))).toEqual({ action: 'run', command: 'ü "x"' });
  for (const request of requests) expect(await isSignedBy(request, signer)).toBe(true);
  const nonces = requests.map((request) => parseAuthorization(request.headers['authorization'] ?? '')?.nonce);
  expect(new Set(nonces).size).toBe(3);
});

test('a hostile parameter stays one part of the path', async () => {
  const { http, requests } = scripted({ body: {} });
  await createApi({ http, signer }).session({ params: { id: '../status?x=1#\n%2e' } });
  expect(requests[0]?.pathAndQuery).toBe('/sessions/..%2Fstatus%3Fx%3D1%23%0A%252e');
});

test('public routes carry no credential, and work without a key; others name what is missing', async () => {
  const { http, requests } = scripted({ body: {} });
  const api = createApi({ http });
  await api.status();
  expect(requests[0]?.headers).toEqual({});
  await expect(api.devices()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  expect(requests.length).toBe(1);
});

test("I13: after CLOCK_SKEW the hub's time is adopted and the call is sent once more; never a third time", async () => {
  const skewed: Answer = {
    status: 401,
    body: { code: 'CLOCK_SKEW', message: 'm', serverTime: '2031-02-03T04:05:06.000Z' },
  };
  const corrected = scripted(skewed, { body: { devices: [] } });
  await expect(createApi({ http: corrected.http, signer }).devices()).resolves.toEqual({ devices: [] });
  const times = corrected.requests.map(
    (request) => parseAuthorization(request.headers['authorization'] ?? '')?.timestamp,
  );
  expect(times[1]).toMatch(/^2031-02-03T04:05:0/);
  const hopeless = scripted(skewed);
  await expect(createApi({ http: hopeless.http, signer }).devices()).rejects.toMatchObject({ code: 'CLOCK_SKEW' });
  expect(hopeless.requests.length).toBe(2);
});

test('errors of the hub keep code, message, field and details; other answers become what can be said of them', async () => {
  const errorOf = async (answer: Answer): Promise<unknown> =>
    createApi({ http: scripted(answer).http, signer })
      .devices()
      .catch((error: unknown) => error);
  const body = { code: 'CONFLICT', message: 'already', field: 'name', retryAfter: 3 };
  const told = await errorOf({ status: 409, body });
  expect(told).toBeInstanceOf(NavisError);
  expect(told).toMatchObject({ code: 'CONFLICT', message: 'already', field: 'name', details: { retryAfter: 3 } });
  expect(await errorOf({ status: 502, body: 'bad gateway' })).toMatchObject({ code: 'HUB_UNREACHABLE' });
  expect(await errorOf({ status: 418, body: { code: '__proto__' } })).toMatchObject({ code: 'INTERNAL' });
  expect(await errorOf({ raw: new Uint8Array([0xff]) })).toMatchObject({ code: 'INTERNAL' });
});

test('no answer is HUB_UNREACHABLE, also when it is only late; a cancelled call is CANCELLED', async () => {
  const refusing: HttpTransport = async () => Promise.reject(new Error('ECONNREFUSED'));
  await expect(createApi({ http: refusing, signer }).devices()).rejects.toMatchObject({ code: 'HUB_UNREACHABLE' });
  const silent: HttpTransport = ({ signal }) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
  const api = createApi({ http: silent, signer });
  await expect(api.devices({}, { timeoutMs: 20 })).rejects.toMatchObject({ code: 'HUB_UNREACHABLE' });
  const stop = new AbortController();
  const call = api.devices({}, { signal: stop.signal });
  stop.abort();
  await expect(call).rejects.toMatchObject({ code: 'CANCELLED' });
});

test('T3: byte ranges come with the offsets of their headers', async () => {
  const headers = {
    'navis-offset': '10',
    'navis-next-offset': '13',
    'navis-first-offset': '4',
    'navis-end-offset': '99',
  };
  const { http } = scripted({ raw: new Uint8Array([1, 2, 3]), headers });
  const params = { id: 's_0000abcd', terminalId: 't_0000abcd' };
  const range = await createApi({ http, signer }).terminalHistory({ params, query: { from: 10 } });
  expect(range).toEqual({
    offset: 10,
    nextOffset: 13,
    firstOffset: 4,
    endOffset: 99,
    bytes: new Uint8Array([1, 2, 3]),
  });
});

test('I13: a browser key cannot be exported and signs what Node.js verifies', async () => {
  const key = await createDeviceKey();
  await expect(crypto.subtle.exportKey('pkcs8', key.keyPair.privateKey)).rejects.toThrow();
  const browser = createWebCryptoSigner({ deviceId: 'd_0000web', hubId: 'the-hub', keyPair: key.keyPair });
  const signature = Buffer.from(await browser.sign('text ü'), 'base64');
  const verifier = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key.publicKey }, format: 'jwk' });
  expect(verify(null, Buffer.from('text ü'), verifier, signature)).toBe(true);
});
