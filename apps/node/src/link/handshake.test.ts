/** The node's side of the handshake, without a socket: nothing secret before the proof, whatever is said (N2). */
import { createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { nodeLinkSigningText, type NodeHello } from '@navisai/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { beginHandshake, type HandshakeFacts } from './handshake.ts';

const hubKey = generateKeyPairSync('ed25519').privateKey;
const hubId = createPublicKey(hubKey).export({ format: 'jwk' }).x ?? '';
const secret = 'SSSSSSSSSSSSSSSSSSSSSS';

const facts: HandshakeFacts = {
  nodeId: 'n_test',
  hubId,
  keyPair: { publicKey: 'P'.repeat(43), sign: () => `${'A'.repeat(86)}==` },
  secret,
  bootId: 'boot-0001',
  epoch: null,
  version: '0.1.0',
  platform: { os: 'linux', arch: 'x64', release: '6', hostname: 'nas', user: 'me', sandbox: 'none' },
  binding: 'tls-exporter',
  bindingValue: 'ab'.repeat(32),
};

const challengeFor = (hello: string, change: Partial<Parameters<typeof nodeLinkSigningText>[0]> = {}) => {
  const { nonce: nodeNonce } = JSON.parse(hello) as NodeHello;
  const hubNonce = randomBytes(16).toString('base64url');
  const { nodeId, bindingValue: binding } = facts;
  const signed = { role: 'hub' as const, version: 1, nodeId, hubId, nodeNonce, hubNonce, binding, ...change };
  const signature = sign(null, Buffer.from(nodeLinkSigningText(signed)), hubKey).toString('base64');
  return { type: 'challenge', version: 1, hubId, nonce: hubNonce, signature };
};

test('N2: the right hub over the right session is told the secret, once', () => {
  const handshake = beginHandshake(facts);
  expect(handshake.hello).not.toContain(secret);
  const challenge = JSON.stringify(challengeFor(handshake.hello));
  const step = handshake.receive(challenge);
  expect(step).toMatchObject({ kind: 'send' });
  expect(step.kind === 'send' && step.text).toContain(secret);
  expect(handshake.receive(challenge)).toMatchObject({ kind: 'failed' });
});

test.each([
  ['of another session', { binding: 'cd'.repeat(32) }],
  ['of another node', { nodeId: 'n_other' }],
  ['of an older handshake', { nodeNonce: 'A'.repeat(22) }],
  ['of the other role', { role: 'node' as const }],
  ['of a proxy', { binding: 'certificate' }],
])('N2: a signature %s is not believed', (_what, change) => {
  const handshake = beginHandshake(facts);
  const step = handshake.receive(JSON.stringify(challengeFor(handshake.hello, change)));
  expect(step).toMatchObject({ kind: 'refused', code: 'UNAUTHORIZED', isProven: false });
});

test('N3: a refusal is proven only behind the proof, and a welcome counts only there', () => {
  const refused = JSON.stringify({ type: 'refused', code: 'NODE_REVOKED', message: 'no' });
  expect(beginHandshake(facts).receive(refused)).toMatchObject({ kind: 'refused', isProven: false });
  const handshake = beginHandshake(facts);
  handshake.receive(JSON.stringify(challengeFor(handshake.hello)));
  expect(handshake.receive(refused)).toMatchObject({ kind: 'refused', code: 'NODE_REVOKED', isProven: true });
  const unknown = JSON.stringify({ type: 'refused', code: 'SOMETHING_NEW', message: 'no' });
  expect(handshake.receive(unknown)).toMatchObject({ kind: 'refused', code: 'FORBIDDEN' });
});

test('N2: whatever else is said, nothing is sent and nothing is thrown', () => {
  const field = fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.constant(hubId), fc.constant('A'.repeat(22)));
  const frame = fc.oneof(
    fc.string(),
    fc.uint8Array(),
    fc.json(),
    fc
      .record({
        type: fc.constantFrom('challenge', 'welcome', 'refused', 'hello'),
        version: field,
        hubId: field,
        nonce: field,
        signature: fc.oneof(field, fc.constant(`${'A'.repeat(86)}==`)),
        code: field,
        message: field,
      })
      .map((content) => JSON.stringify(content)),
  );
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 5 }), (frames) => {
      const handshake = beginHandshake(facts);
      for (const one of frames) expect(['failed', 'refused']).toContain(handshake.receive(one).kind);
    }),
  );
});
