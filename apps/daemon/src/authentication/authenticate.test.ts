/** Signatures, clocks and nonces (I13), and the published test vectors. */
import { createHash, createPrivateKey, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  clockToleranceMs,
  type Device,
  formatAuthorization,
  newNonce,
  NavisError,
  pairingShortCode,
  requestSigningText,
  socketSigningText,
} from '@navisai/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newKeyPair } from '../run/identity.ts';
import { createAuthenticator, importPublicKey } from './authenticate.ts';
import { openFutureNonces } from './future-nonces.ts';
import { createNonceWindow } from './nonce-window.ts';

const hubId = newKeyPair().publicText;
const pair = newKeyPair();
const device: Device = {
  id: 'd_aaaaaaaa',
  name: 'laptop',
  kind: 'cli',
  userId: 'u_1',
  scope: 'admin',
  createdAt: '2026-01-01T00:00:00.000Z',
  lastSeenAt: null,
  revokedAt: null,
};

const startedAtMs = Date.UTC(2026, 0, 1, 12);

/** A hub's authenticator with a clock that the test turns. */
const newAuthenticator = (options: { folder?: string; startedAtMs?: number; nowMs?: number } = {}) => {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'navis-nonces-'));
  const clock = { nowMs: options.nowMs ?? startedAtMs + 1000 };
  const futureNonces = openFutureNonces(join(folder, 'future-nonces'), () => clock.nowMs);
  const authenticator = createAuthenticator({
    hubId,
    startedAtMs: options.startedAtMs ?? startedAtMs,
    now: () => clock.nowMs,
    findDevice: (id) => (id === device.id ? { device, key: importPublicKey(pair.publicText) } : undefined),
    futureNonces,
  });
  return Object.assign(authenticator, {
    clock,
    folder,
    [Symbol.dispose]() {
      futureNonces[Symbol.dispose]();
      if (options.folder === undefined) rmSync(folder, { recursive: true });
    },
  });
};

const newRequest = (facts: { atMs?: number; nonce?: string; body?: string; method?: string; path?: string } = {}) => {
  const { atMs = startedAtMs + 1000, nonce = newNonce(), body = '', method = 'GET', path = '/sessions' } = facts;
  const timestamp = new Date(atMs).toISOString();
  const bodySha256 = createHash('sha256').update(body).digest('hex');
  const text = requestSigningText({ method, pathAndQuery: path, bodySha256, timestamp, nonce, hubId });
  const signature = sign(null, Buffer.from(text), pair.privateKey).toString('base64');
  const authorization = formatAuthorization({ deviceId: device.id, timestamp, nonce, signature });
  return { authorization, method, url: path, body: Buffer.from(body) };
};

const codeOf = (attempt: () => unknown): string => {
  try {
    attempt();
    return 'accepted';
  } catch (error) {
    return error instanceof NavisError ? error.code : String(error);
  }
};

test('I13: the published test vectors hold', async () => {
  const page = readFileSync(new URL('../../../../docs/authentication.md', import.meta.url), 'utf8');
  const vectors = JSON.parse(/```json\n([\s\S]*?)```/.exec(page)?.[1] ?? '') as {
    privateKey: string;
    publicKey: string;
    hubId: string;
    deviceId: string;
    timestamp: string;
    nonce: string;
    requests: {
      method: string;
      pathAndQuery: string;
      body: string;
      text: string;
      signature: string;
      authorization: string;
    }[];
    socket: { text: string; signature: string; url: string };
    pairing: { token: string; shortCode: string };
  };
  const { deviceId, timestamp, nonce } = vectors;
  const key = createPrivateKey({ key: Buffer.from(vectors.privateKey, 'base64'), format: 'der', type: 'pkcs8' });
  const futureNonces = { earlier: [], keep: () => true, [Symbol.dispose]: () => undefined };
  const judge = () =>
    createAuthenticator({
      hubId: vectors.hubId,
      startedAtMs: 0,
      now: () => Date.parse(timestamp),
      findDevice: () => ({ device, key: importPublicKey(vectors.publicKey) }),
      futureNonces,
    });
  expect(vectors.requests).toHaveLength(2);
  for (const { method, pathAndQuery, body, text, signature, authorization } of vectors.requests) {
    const bodySha256 = createHash('sha256').update(body).digest('hex');
    expect(requestSigningText({ method, pathAndQuery, bodySha256, timestamp, nonce, hubId: vectors.hubId })).toBe(text);
    expect(sign(null, Buffer.from(text), key).toString('base64')).toBe(signature);
    expect(formatAuthorization({ deviceId, timestamp, nonce, signature })).toBe(authorization);
    expect(judge().authenticateRequest({ authorization, method, url: pathAndQuery, body: Buffer.from(body) })).toBe(
      device,
    );
  }
  expect(socketSigningText({ path: '/ws', timestamp, nonce, hubId: vectors.hubId })).toBe(vectors.socket.text);
  expect(judge().authenticateSocket({ url: vectors.socket.url, authorization: undefined })).toBe(device);
  const { token, shortCode } = vectors.pairing;
  expect(await pairingShortCode({ hubId: vectors.hubId, token, publicKey: vectors.publicKey })).toBe(shortCode);
});

test('I13: a request that changed on its way is refused', () => {
  using authenticator = newAuthenticator();
  const honest = newRequest({ body: '{"a":1}', method: 'POST', path: '/x?y=1' });
  const changed = [
    { ...honest, method: 'PUT' },
    { ...honest, url: '/x?y=2' },
    { ...honest, url: '/x?y=1&' },
    { ...honest, body: Buffer.from('{"a":2}') },
    { ...honest, body: Buffer.alloc(0) },
    { ...honest, authorization: honest.authorization.replace('d_aaaaaaaa', 'd_bbbbbbbb') },
  ];
  for (const request of changed) expect(codeOf(() => authenticator.authenticateRequest(request))).toBe('UNAUTHORIZED');
  expect(authenticator.authenticateRequest(honest)).toBe(device);
});

test('I13: whatever stands in the header, the answer is a refusal and never a failure', () => {
  using authenticator = newAuthenticator();
  const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }));
  const header = fc.oneof(
    text,
    fc
      .tuple(text, text, text, text)
      .map(
        ([id, time, nonce, signature]) =>
          `Navis deviceId="${id}",timestamp="${time}",nonce="${nonce}",signature="${signature}"`,
      ),
  );
  fc.assert(
    fc.property(header, (authorization) => {
      const request = { authorization, method: 'GET', url: '/sessions', body: Buffer.alloc(0) };
      expect(codeOf(() => authenticator.authenticateRequest(request))).toBe('UNAUTHORIZED');
      expect(
        codeOf(() => authenticator.authenticateSocket({ url: `/ws?${authorization}`, authorization: undefined })),
      ).toBe('UNAUTHORIZED');
    }),
  );
});

test('I13: a timestamp may be five minutes off, no more; then the answer carries the hub’s time', () => {
  using authenticator = newAuthenticator({ startedAtMs: startedAtMs - 2 * clockToleranceMs, nowMs: startedAtMs });
  const judge = (offMs: number) =>
    codeOf(() => authenticator.authenticateRequest(newRequest({ atMs: startedAtMs + offMs })));
  expect(judge(-clockToleranceMs)).toBe('accepted');
  expect(judge(clockToleranceMs)).toBe('accepted');
  expect(judge(-clockToleranceMs - 1)).toBe('CLOCK_SKEW');
  expect(judge(clockToleranceMs + 1)).toBe('CLOCK_SKEW');
  const late = newRequest({ atMs: startedAtMs - 2 * clockToleranceMs });
  expect(() => authenticator.authenticateRequest(late)).toThrow(
    expect.objectContaining({ details: { serverTime: new Date(startedAtMs).toISOString() } }),
  );
});

test('I13: a nonce works once, for requests and sockets together', () => {
  using authenticator = newAuthenticator();
  const request = newRequest();
  expect(authenticator.authenticateRequest(request)).toBe(device);
  expect(codeOf(() => authenticator.authenticateRequest(request))).toBe('UNAUTHORIZED');
  const other = newRequest({ nonce: /nonce="([^"]+)"/.exec(request.authorization)?.[1] ?? '', path: '/devices' });
  expect(codeOf(() => authenticator.authenticateRequest(other))).toBe('UNAUTHORIZED');
});

test('I13: nothing that an earlier hub took works again after a restart, timestamps in the future included', () => {
  using before = newAuthenticator();
  const past = newRequest({ atMs: startedAtMs + 500 });
  const ahead = newRequest({ atMs: startedAtMs + clockToleranceMs });
  expect(before.authenticateRequest(past)).toBe(device);
  expect(before.authenticateRequest(ahead)).toBe(device);
  const restartedAtMs = startedAtMs + 60_000;
  using after = newAuthenticator({ folder: before.folder, startedAtMs: restartedAtMs, nowMs: restartedAtMs + 10 });
  expect(codeOf(() => after.authenticateRequest(past))).toBe('CLOCK_SKEW');
  expect(codeOf(() => after.authenticateRequest(ahead))).toBe('UNAUTHORIZED');
  expect(after.authenticateRequest(newRequest({ atMs: startedAtMs + clockToleranceMs }))).toBe(device);
});

test('I13: a clock that is set back after the start locks nobody out', () => {
  using authenticator = newAuthenticator();
  authenticator.clock.nowMs = startedAtMs - 60_000;
  const refused = newRequest({ atMs: authenticator.clock.nowMs });
  let serverTime = '';
  try {
    authenticator.authenticateRequest(refused);
  } catch (error) {
    serverTime = error instanceof NavisError ? String(error.details?.serverTime) : '';
  }
  expect(authenticator.authenticateRequest(newRequest({ atMs: Date.parse(serverTime) }))).toBe(device);
});

test('I13: the window of nonces is bounded: what it forgets is refused, what it holds is used once', () => {
  const max = 50;
  fc.assert(
    fc.property(
      fc.array(fc.record({ slot: fc.integer({ min: 0, max: 12 }), nonce: fc.integer({ min: 0, max: 30 }) }), {
        maxLength: 300,
      }),
      (uses) => {
        const window = createNonceWindow(max);
        const accepted = new Set<string>();
        for (const { slot, nonce } of uses) {
          const attempt = { deviceId: 'd_1', nonce: `n${nonce}`, timestampMs: slot * 10_000 + 1 };
          const key = `${slot} ${nonce}`;
          if (window.use(attempt) !== 'fresh') continue;
          expect(accepted.has(key)).toBe(false);
          accepted.add(key);
        }
      },
    ),
  );
});

test('I13: a nonce works once, whatever timestamp it is used with', () => {
  const window = createNonceWindow();
  const attempt = { deviceId: 'd_0000', nonce: 'n'.repeat(16) };
  expect(window.use({ ...attempt, timestampMs: 19_999 })).toBe('fresh');
  expect(window.use({ ...attempt, timestampMs: 20_001 })).toBe('used');
});

test('I13: one device cannot use up the nonces of another', () => {
  const window = createNonceWindow(10);
  for (let index = 0; index < 100; index += 1)
    window.use({ deviceId: 'd_1', nonce: `n${index}`, timestampMs: index * 10_000 });
  expect(window.use({ deviceId: 'd_2', nonce: 'n', timestampMs: 0 })).toBe('fresh');
  expect(window.use({ deviceId: 'd_1', nonce: 'x', timestampMs: 0 })).toBe('forgotten');
});
