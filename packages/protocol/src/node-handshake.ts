/**
 * How a node and a hub get to know each other on `/ws/nodes/{node_id}` (N2, N3, I3): `hello` → `challenge` → `prove` →
 * `welcome`. The hub proves its key first, over this very TLS session, so nothing secret goes to anybody else; only then
 * does the node prove its own, or send its one-time key.
 */
import { z } from 'zod';
import { publicKeySchema } from './credential.ts';
import { timestampSchema } from './time.ts';
import { deviceIdSchema, nodeIdSchema } from './ids.ts';
import { labelsSchema, nodeNameSchema, nodePlatformSchema } from './node-entities.ts';
import { ceilingSchema } from './node-policy.ts';
import { signedTextSchema } from './signed-statements.ts';

export const nodeSocketPath = '/ws/nodes/:id';

/** A side speaks every version from `oldest` to `current`: its own and the one before. */
export const nodeVersions = { oldest: 1, current: 1 } as const;
export interface VersionRange {
  oldest: number;
  current: number;
}

/** The newest version that both speak, or `undefined`. */
export const commonVersion = (one: VersionRange, other: VersionRange): number | undefined => {
  const version = Math.min(one.current, other.current);
  return version >= Math.max(one.oldest, other.oldest) ? version : undefined;
};

/** From the upgrade to `welcome`. */
export const handshakeDeadlineMs = 10_000;
/** RFC 5705; the label of the exporter that binds signatures to the TLS session. */
export const nodeBindingLabel = 'EXPORTER-navis-node-link';
export const nodeBindingBytes = 32;

const nonceSchema = z.string().regex(/^[A-Za-z0-9_-]{22}$/, 'must be 128 bits in base64url');
const signatureSchema = z.string().regex(/^[A-Za-z0-9+/]{86}==$/);

export const nodeHelloSchema = z.object({
  type: z.literal('hello'),
  versions: z.object({ oldest: z.number().int().min(1), current: z.number().int().min(1) }),
  nodeId: nodeIdSchema,
  nonce: nonceSchema,
  /** `certificate`: a proxy ends the TLS, and the node has verified its certificate with the system's roots. */
  binding: z.enum(['tls-exporter', 'certificate']),
});
export type NodeHello = z.infer<typeof nodeHelloSchema>;

export const nodeChallengeSchema = z.object({
  type: z.literal('challenge'),
  version: z.number().int().min(1),
  hubId: publicKeySchema,
  nonce: nonceSchema,
  /** By the hub's key over `nodeLinkSigningText` with role `hub`. */
  signature: signatureSchema,
});
export type NodeChallenge = z.infer<typeof nodeChallengeSchema>;

export const nodeProveSchema = z.object({
  type: z.literal('prove'),
  publicKey: publicKeySchema,
  /** By the node's key over `nodeLinkSigningText` with role `node`. */
  signature: signatureSchema,
  /** The secret of the one-time key, while this public key is not enrolled yet. */
  secret: nonceSchema.optional(),
  /** One per process, so that its own reconnects are told from another process of the same id. */
  bootId: z.string().regex(/^[A-Za-z0-9_-]{8,64}$/),
  /** What the hub allotted to this process before; null at its first connection. */
  epoch: z.number().int().min(1).nullable(),
  version: z.string().max(64),
  platform: nodePlatformSchema,
});
export type NodeProve = z.infer<typeof nodeProveSchema>;

export const nodeWelcomeSchema = z.object({
  type: z.literal('welcome'),
  epoch: z.number().int().min(1),
  name: nodeNameSchema,
  labels: labelsSchema,
  /** The device whose approvals count on the node, which pins it at the first time (N12); hubs of before do not tell. */
  owner: z.object({ deviceId: deviceIdSchema, publicKey: publicKeySchema }).optional(),
  /** Devices whose signatures count no longer, by the owner; null: none, and hubs of before do not tell (N12). */
  revocations: signedTextSchema.nullish(),
  /** The hub's overlay; the node keeps it for the time without the hub. */
  overlay: ceilingSchema.nullable(),
  /** The node tells of itself at least this often; three times the silence is the end of the connection. */
  heartbeatMs: z.number().int().min(100).max(60_000),
  /** In a large fleet: so often it tells its load, and in between only shows that it is there; hubs of before do not tell. */
  loadMs: z.number().int().min(100).max(600_000).optional(),
  serverTime: timestampSchema,
});
export type NodeWelcome = z.infer<typeof nodeWelcomeSchema>;

/** Messages without content, where the welcome told `loadMs`: an empty binary one asks for an empty text in return. */
export const nodeLifeSigns = { here: '', ask: new Uint8Array(0) } as const;

/** Followed by a close with the same code in words. */
export const nodeRefusedSchema = z.object({ type: z.literal('refused'), code: z.string(), message: z.string() });
export type NodeRefused = z.infer<typeof nodeRefusedSchema>;

/** Close codes of the node socket; after all but `violation` and `stopping` the node does not dial again by itself. */
export const nodeCloseCodes = {
  stopping: 1001,
  /** A frame that no honest node sends; the reason says which. */
  violation: 4400,
  unauthorized: 4401,
  revoked: 4403,
  replaced: 4409,
  version: 4426,
} as const;

/** The text that both sides sign. `binding` is the exporter's value in lower-case hex, or `certificate`. */
export const nodeLinkSigningText = (facts: {
  role: 'hub' | 'node';
  version: number;
  nodeId: string;
  hubId: string;
  nodeNonce: string;
  hubNonce: string;
  binding: string;
}): string =>
  [
    'navis-node-link',
    facts.role,
    String(facts.version),
    facts.nodeId,
    facts.hubId,
    facts.nodeNonce,
    facts.hubNonce,
    facts.binding,
  ].join('\n');

const keyPattern = /^navis1\.([A-Za-z0-9._-]{1,64})\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{22})$/;

/** `NODE_API_KEY`: the node's id, the hub's id (its fingerprint, checked before anything is sent) and a one-time secret. */
export interface NodeKey {
  nodeId: string;
  hubId: string;
  secret: string;
}

export const formatNodeKey = ({ nodeId, hubId, secret }: NodeKey): string => `navis1.${nodeId}.${hubId}.${secret}`;

export const parseNodeKey = (text: string): NodeKey | undefined => {
  const match = text.length > 300 ? null : keyPattern.exec(text.trim());
  if (match === null) return undefined;
  const [, nodeId = '', hubId = '', secret = ''] = match;
  return { nodeId, hubId, secret };
};

/** N2. */
export const nodeKeyHours = 24;
