/**
 * The node's side of `hello` → `challenge` → `prove` → `welcome` (N2, N3), without a socket. Nothing that is secret leaves
 * before the hub's signature over this very connection was verified with the pinned key.
 */
import { createPublicKey, randomBytes, verify } from 'node:crypto';
import {
  commonVersion,
  type ErrorCode,
  isErrorCode,
  type NodeChallenge,
  nodeChallengeSchema,
  type NodeHello,
  nodeLinkSigningText,
  type NodePlatform,
  type NodeProve,
  nodeRefusedSchema,
  nodeVersions,
  type NodeWelcome,
  nodeWelcomeSchema,
} from '@navisai/protocol';
import { z } from 'zod';
import type { NodeKeyPair } from '../join/node-key.ts';

export interface HandshakeFacts {
  nodeId: string;
  /** The pinned key of the hub. */
  hubId: string;
  keyPair: NodeKeyPair;
  secret: string | undefined;
  bootId: string;
  epoch: number | null;
  version: string;
  platform: NodePlatform;
  binding: NodeHello['binding'];
  /** The exporter's value in lower-case hex, or `certificate`. */
  bindingValue: string;
}

export type HandshakeStep =
  | { kind: 'send'; text: string }
  | { kind: 'welcome'; welcome: NodeWelcome }
  /** `isProven`: it is the right hub that says so. */
  | { kind: 'refused'; code: ErrorCode; message: string; isProven: boolean }
  /** Not what a hub says; another attempt may find the hub again. */
  | { kind: 'failed'; reason: string };

export interface Handshake {
  /** What the node says first. */
  readonly hello: string;
  receive(frame: string | Uint8Array): HandshakeStep;
}

const maxFrameLength = 256 * 1024;
const answerSchema = z.union([nodeChallengeSchema, nodeWelcomeSchema, nodeRefusedSchema]);

export const beginHandshake = (facts: HandshakeFacts): Handshake => {
  const nonce = randomBytes(16).toString('base64url');
  const { oldest, current } = nodeVersions;
  const hello: NodeHello = {
    type: 'hello',
    versions: { oldest, current },
    nodeId: facts.nodeId,
    nonce,
    binding: facts.binding,
  };
  let isProven = false;

  const receive = (frame: string | Uint8Array): HandshakeStep => {
    const answer = parseAnswer(frame);
    if (answer === undefined) return { kind: 'failed', reason: 'it does not speak as a hub does' };
    if (answer.type === 'refused') return refusal(answer, isProven);
    if (answer.type === 'welcome') {
      if (isProven) return { kind: 'welcome', welcome: answer };
      return { kind: 'failed', reason: 'it did not prove that it is the hub' };
    }
    if (isProven) return { kind: 'failed', reason: 'it asks twice for a proof' };
    const objection = objectionTo(facts, nonce, answer);
    if (objection !== undefined) return objection;
    isProven = true;
    return { kind: 'send', text: JSON.stringify(proofOf(facts, nonce, answer)) };
  };

  return { hello: JSON.stringify(hello), receive };
};

const parseAnswer = (frame: string | Uint8Array): z.infer<typeof answerSchema> | undefined => {
  if (typeof frame !== 'string' || frame.length > maxFrameLength) return undefined;
  try {
    return answerSchema.safeParse(JSON.parse(frame)).data;
  } catch {
    return undefined;
  }
};

const refusal = ({ code, message }: { code: string; message: string }, isProven: boolean): HandshakeStep => ({
  kind: 'refused',
  code: isErrorCode(code) ? code : 'FORBIDDEN',
  message: printable(message),
  isProven,
});

const maxMessageLength = 500;
/** It may come from anybody and ends in a terminal. */
const printable = (message: string): string => message.slice(0, maxMessageLength).replaceAll(/\p{C}/gu, ' ').trim();

const signingText =
  (facts: HandshakeFacts, nonce: string, { version, nonce: hubNonce }: NodeChallenge) =>
  (role: 'hub' | 'node'): string => {
    const { nodeId, hubId, bindingValue } = facts;
    return nodeLinkSigningText({ role, version, nodeId, hubId, nodeNonce: nonce, hubNonce, binding: bindingValue });
  };

/** `undefined` when this is the hub that was pinned, at the other end of this very TLS session. */
const objectionTo = (facts: HandshakeFacts, nonce: string, challenge: NodeChallenge): HandshakeStep | undefined => {
  if (challenge.hubId !== facts.hubId)
    return unproven(
      'UNAUTHORIZED',
      'Another hub answers at this address: its key is not the one that this node’s key was made for. Nothing was told to it.',
    );
  const isSigned = verify(
    null,
    Buffer.from(signingText(facts, nonce, challenge)('hub')),
    createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: facts.hubId }, format: 'jwk' }),
    Buffer.from(challenge.signature, 'base64'),
  );
  if (!isSigned) return unproven('UNAUTHORIZED', notOverThisSession(facts.binding));
  const { version } = challenge;
  if (commonVersion(nodeVersions, { oldest: version, current: version }) === undefined)
    return {
      kind: 'refused',
      code: 'VERSION_MISMATCH',
      message: 'The hub chose a version that this node does not speak.',
      isProven: true,
    };
  return undefined;
};

const notOverThisSession = (binding: HandshakeFacts['binding']): string =>
  binding === 'tls-exporter'
    ? 'The hub’s signature is not over this connection: somebody in between ends the TLS. Nothing secret was sent. Behind a reverse proxy of your own with a valid certificate set NAVIS_NODE_TLS=proxy.'
    : 'The hub’s signature is not valid. Nothing secret was sent.';

const unproven = (code: ErrorCode, message: string): HandshakeStep => ({
  kind: 'refused',
  code,
  message,
  isProven: false,
});

const proofOf = (facts: HandshakeFacts, nonce: string, challenge: NodeChallenge): NodeProve => ({
  type: 'prove',
  publicKey: facts.keyPair.publicKey,
  signature: facts.keyPair.sign(signingText(facts, nonce, challenge)('node')),
  ...(facts.secret === undefined ? {} : { secret: facts.secret }),
  bootId: facts.bootId,
  epoch: facts.epoch,
  version: facts.version,
  platform: facts.platform,
});
