/** Credentials have exactly one written form (I13). */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatAuthorization, newNonce, pairingShortCode, requestSigningText, sha256Hex } from './authentication.ts';
import { decodeBase64, decodeBase64Url, encodeBase64, encodeBase64Url } from './base64.ts';
import { parseAuthorization } from './credential.ts';

const credential = {
  deviceId: 'd_0123456789',
  timestamp: '2026-01-02T03:04:05.678Z',
  nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
  signature: `${'A'.repeat(86)}==`,
};

test('I13: the header parses back to the credential it was made from', () => {
  expect(parseAuthorization(formatAuthorization(credential))).toEqual(credential);
});

test('I13: a header with another order, spacing, timestamp form or extra text is refused', () => {
  const header = formatAuthorization(credential);
  const altered = [
    ` ${header}`,
    `${header} `,
    header.replace('Navis ', 'navis '),
    header.replace(',', ', '),
    header.replace('2026-01-02T03:04:05.678Z', '2026-01-02T03:04:05Z'),
    header.replace('2026-01-02T03:04:05.678Z', '2026-01-02T03:04:05.678+00:00'),
    header.replace('2026-01-02', '2026-02-30'),
    header.replace('==', '='),
    header.replace('nonce="AAAA', 'nonce="AA=='),
    `${header},more="x"`,
    'Navis '.repeat(1000),
  ];
  for (const text of altered) expect(parseAuthorization(text), text.slice(0, 80)).toBeUndefined();
});

test('I13: the signed text is the lines of the requirement with the hub id last', async () => {
  const bodySha256 = await sha256Hex(new TextEncoder().encode('{}'));
  const text = requestSigningText({
    ...credential,
    method: 'POST',
    pathAndQuery: '/sessions?x=1',
    bodySha256,
    hubId: 'HUB',
  });
  expect(text).toBe(
    'POST\n/sessions?x=1\n44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\n2026-01-02T03:04:05.678Z\nAAAAAAAAAAAAAAAAAAAAAA\nHUB',
  );
});

test('I13: base64 round-trips and refuses every non-canonical spelling', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(decodeBase64(encodeBase64(bytes))).toEqual(bytes);
      expect(decodeBase64Url(encodeBase64Url(bytes))).toEqual(bytes);
    }),
  );
  for (const text of ['QQ', 'QR==', 'Q Q=', 'QQ==\n', 'Q-==', '====', 'é'])
    expect(() => decodeBase64(text), text).toThrow('strict');
});

test('I14: the short code depends on hub, token and key, and has six digits', async () => {
  const facts = { hubId: 'h', token: 't', publicKey: 'k' };
  const code = await pairingShortCode(facts);
  expect(code).toMatch(/^\d{3} \d{3}$/);
  expect(await pairingShortCode(facts)).toBe(code);
  for (const other of [{ hubId: 'x' }, { token: 'x' }, { publicKey: 'x' }])
    expect(await pairingShortCode({ ...facts, ...other })).not.toBe(code);
});

test('I13: nonces differ and fit the credential', () => {
  const nonces = new Set(Array.from({ length: 1000 }, newNonce));
  expect(nonces.size).toBe(1000);
  for (const nonce of nonces) expect(nonce).toMatch(/^[A-Za-z0-9_-]{22}$/);
});
