/** Which node of which hub this machine is (`node.json`): pinned when it joined, never taken from the network again. */
import { createHash } from 'node:crypto';
import {
  deviceIdSchema,
  NavisError,
  nodeIdSchema,
  nodeNameSchema,
  type NodeWelcome,
  publicKeySchema,
  timestampSchema,
} from '@navisai/protocol';
import { z } from 'zod';
import { readFileIfThere, writePrivateFile } from '@navisai/service';
import type { Settings } from '../settings/settings.ts';

const membershipSchema = z.object({
  nodeId: nodeIdSchema,
  /** The hub's public key. */
  hubId: publicKeySchema,
  hubUrl: z.string().max(300),
  name: nodeNameSchema,
  joinedAt: timestampSchema,
  /** SHA-256 of the one-time secret that enrolled it, so that a newer one in `.env` is told from it. */
  usedSecret: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  /** The device whose approvals count here: the first that the hub told (N12). */
  owner: z.object({ deviceId: deviceIdSchema, publicKey: publicKeySchema }).optional(),
});
export type Membership = z.infer<typeof membershipSchema>;

/** What the node dials with: as it joined, or as its key says. */
export interface Candidacy {
  nodeId: string;
  hubId: string;
  hubUrl: string;
  /** To be sent once, to a hub that has proven that it is the right one. */
  secret: string | undefined;
  /** `undefined`: it never was connected. */
  membership: Membership | undefined;
}

/** Throws NavisError INVALID_ARGUMENT or CONFLICT, saying what to do. */
export const findCandidacy = (settings: Settings): Candidacy => {
  const { membershipFile } = settings.folder;
  const membership = readMembership(membershipFile);
  const key = settings.key?.reveal();
  const hubUrl = settings.hubUrl ?? membership?.hubUrl;
  if (membership === undefined && key === undefined)
    throw new NavisError(
      'INVALID_ARGUMENT',
      `This machine has not joined a hub. At the hub: navisai nodes add NAME. Here: NODE_API_KEY and NAVIS_HUB_URL in the environment or in ${settings.folder.environmentFile}.`,
      { field: 'NODE_API_KEY' },
    );
  if (hubUrl === undefined)
    throw new NavisError('INVALID_ARGUMENT', 'Where is the hub? Set NAVIS_HUB_URL, or use --hub URL.', {
      field: 'NAVIS_HUB_URL',
    });
  if (membership !== undefined && key !== undefined && !isSame(membership, key))
    throw new NavisError(
      'CONFLICT',
      `This machine is the node ${membership.name} of ${membership.hubUrl} already, and NODE_API_KEY is for another one. Leave first: navisai node leave.`,
    );
  const isNews = key !== undefined && hashOf(key.secret) !== membership?.usedSecret;
  const { nodeId, hubId } = membership ?? key ?? { nodeId: '', hubId: '' };
  return { nodeId, hubId, hubUrl, membership, secret: isNews ? key.secret : undefined };
};

/** What the hub has confirmed. Written only when it is news. */
export const rememberMembership = (
  path: string,
  candidacy: Candidacy,
  { name, owner }: Pick<NodeWelcome, 'name' | 'owner'>,
): void => {
  const { nodeId, hubId, hubUrl, secret } = candidacy;
  const before = readMembership(path);
  const usedSecret = secret === undefined ? (before?.usedSecret ?? null) : hashOf(secret);
  const joinedAt = before?.joinedAt ?? new Date().toISOString();
  // A key once pinned stays: only another join, with another secret, brings another owner.
  const pinned =
    secret === undefined || before?.usedSecret === usedSecret ? (before?.owner ?? owner) : (owner ?? before?.owner);
  const now: Membership = { nodeId, hubId, hubUrl, name, joinedAt, usedSecret, ...(pinned && { owner: pinned }) };
  if (JSON.stringify(now) !== JSON.stringify(before)) writePrivateFile(path, `${JSON.stringify(now, null, 2)}\n`);
};

export const readMembership = (path: string): Membership | undefined => {
  const text = readFileIfThere(path);
  if (text === undefined) return undefined;
  try {
    return membershipSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new NavisError(
      'INVALID_ARGUMENT',
      `${path} is damaged. Remove it, and join again with a new key: navisai nodes rekey.`,
      { cause: error },
    );
  }
};

const isSame = (one: { nodeId: string; hubId: string }, other: { nodeId: string; hubId: string }): boolean =>
  one.nodeId === other.nodeId && one.hubId === other.hubId;

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');
