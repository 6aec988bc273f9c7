/** The hub's side of `hello` → `challenge` → `prove` → `welcome`: who is a node, and which process of it (N2, N3, I13). */
import { type KeyObject, randomBytes, verify } from 'node:crypto';
import {
  commonVersion,
  NavisError,
  type NodeChallenge,
  type NodeHello,
  nodeHelloSchema,
  nodeLinkSigningText,
  type NodeProve,
  nodeProveSchema,
  nodeVersions,
} from '@navisai/protocol';
import type { NodeRecord } from '@navisai/store';
import type { z } from 'zod';
import { importPublicKey } from '../authentication/authenticate.ts';
import type { LiveLinks } from './live-links.ts';
import { hashSecret, isSameHash } from './node-key.ts';
import type { NodeRegistry } from './registry.ts';

export interface HandshakeParts {
  registry: NodeRegistry;
  links: LiveLinks;
  hubId: string;
  /** By the hub's key; base64. */
  sign(text: string): string;
}

/** One socket that is not known yet. */
export interface UnknownSocket {
  /** From its path. */
  nodeId: string;
  /** The next frame; rejects when the socket ends or says what is not its turn. */
  next(): Promise<string>;
  send(frame: object): void;
  /** What binds signatures to this TLS session; throws NavisError when it has none. */
  bindingOf(kind: NodeHello['binding']): string;
}

export interface Admission {
  nodeId: string;
  epoch: number;
  bootId: string;
}

/** Rejects NavisError: NODE_KEY, NODE_REVOKED, NODE_REPLACED, VERSION_MISMATCH, INVALID_REQUEST, DEGRADED. */
export const admitNode = async (socket: UnknownSocket, parts: HandshakeParts): Promise<Admission> => {
  const hello = parseFrame(await socket.next(), nodeHelloSchema);
  if (hello.nodeId !== socket.nodeId) throw violation('the node id is not that of the address');
  const challenge = answerHello(hello, { socket, parts });
  socket.send(challenge);
  const prove = parseFrame(await socket.next(), nodeProveSchema);
  const facts = { ...factsOf(hello, challenge), binding: socket.bindingOf(hello.binding) };
  requireSignature(prove, nodeLinkSigningText({ role: 'node', ...facts }));
  const record = await identify(prove, { nodeId: hello.nodeId, registry: parts.registry });
  const epoch = await chooseEpoch(prove, { record, parts });
  await parts.registry.learnFacts(record.id, { platform: prove.platform, version: prove.version });
  return { nodeId: record.id, epoch, bootId: prove.bootId };
};

export const violation = (what: string): NavisError => new NavisError('INVALID_REQUEST', what);

const parseFrame = <T extends z.ZodType>(text: string, schema: T): z.infer<T> => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw violation('a frame is not JSON');
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const field = parsed.error.issues[0]?.path.map(String).join('.').slice(0, 60) ?? '';
  throw violation(`a frame of the handshake is not valid${field === '' ? '' : ` (${field})`}`);
};

const answerHello = (
  hello: NodeHello,
  { socket, parts }: { socket: UnknownSocket; parts: HandshakeParts },
): NodeChallenge => {
  const version = commonVersion(nodeVersions, hello.versions);
  if (version === undefined)
    throw new NavisError(
      'VERSION_MISMATCH',
      `The hub speaks versions ${nodeVersions.oldest} to ${nodeVersions.current}, this node ${hello.versions.oldest} to ${hello.versions.current}. Upgrade the older one.`,
    );
  const unsigned = { version, hubId: parts.hubId, nonce: randomBytes(16).toString('base64url') };
  const facts = { ...factsOf(hello, unsigned), binding: socket.bindingOf(hello.binding) };
  return { type: 'challenge', ...unsigned, signature: parts.sign(nodeLinkSigningText({ role: 'hub', ...facts })) };
};

const factsOf = (hello: NodeHello, { version, hubId, nonce }: Pick<NodeChallenge, 'version' | 'hubId' | 'nonce'>) => ({
  version,
  nodeId: hello.nodeId,
  hubId,
  nodeNonce: hello.nonce,
  hubNonce: nonce,
});

/** That whoever sent it has the private key; not yet that the key is anybody's. */
const requireSignature = ({ publicKey, signature }: NodeProve, text: string): void => {
  const bytes = Buffer.from(signature, 'base64');
  const key = importOrUndefined(publicKey);
  const isGenuine =
    key !== undefined && bytes.toString('base64') === signature && verify(null, Buffer.from(text), key, bytes);
  if (!isGenuine) throw new NavisError('NODE_KEY', 'The signature is not by this key over this connection.');
};

const importOrUndefined = (publicKey: string): KeyObject | undefined => {
  try {
    return importPublicKey(publicKey);
  } catch {
    return undefined;
  }
};

/** The node behind a key that was proven; enrols the key with a good secret. Unknown and wrong look alike. */
const identify = async (
  { publicKey, secret }: NodeProve,
  { nodeId, registry }: { nodeId: string; registry: NodeRegistry },
): Promise<NodeRecord> => {
  const record = registry.find(nodeId);
  const secretHash = hashSecret(secret ?? '');
  const isInvited = isSameHash(secretHash, record?.key?.secretHash) && secret !== undefined;
  if (record !== undefined && record.id === nodeId && record.publicKey === publicKey) {
    if (record.revokedAt !== null) throw new NavisError('NODE_REVOKED');
    return record;
  }
  const enrolled = isInvited ? await registry.enrol({ id: nodeId, publicKey, secretHash }) : undefined;
  if (enrolled === undefined) throw new NavisError('NODE_KEY');
  return enrolled;
};

/** A process keeps its epoch over its connections; a new one gets the next, and a stale one is refused. */
const chooseEpoch = async (
  prove: NodeProve,
  { record, parts: { registry, links } }: { record: NodeRecord; parts: HandshakeParts },
): Promise<number> => {
  const boot = links.bootOf(record.id);
  const isSameProcess = boot === prove.bootId;
  if (isSameProcess && (prove.epoch ?? record.epoch) === record.epoch) return record.epoch;
  if (prove.epoch !== null && prove.epoch < record.epoch) throw new NavisError('NODE_REPLACED');
  // After a restart of the hub the process that has the newest epoch is believed.
  if (boot === undefined && prove.epoch === record.epoch) return record.epoch;
  const epoch = await registry.nextEpoch(record.id);
  if (epoch === undefined) throw new NavisError('NODE_REVOKED');
  return epoch;
};

/** To be called in the same turn as the welcome: nothing may have happened to the node meanwhile. */
export const requireNewest = (
  nodeId: string,
  { epoch, registry }: { epoch: number; registry: NodeRegistry },
): NodeRecord => {
  const record = registry.find(nodeId);
  if (record === undefined || record.revokedAt !== null) throw new NavisError('NODE_REVOKED');
  if (record.epoch > epoch) throw new NavisError('NODE_REPLACED');
  return record;
};
