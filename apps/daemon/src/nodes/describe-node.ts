/** A node as clients see it: what is kept of it together with what is known of its connection (N3). */
import { mainNodeId, type NodeInfo, type NodeLoad, type NodePlatform, type NodeState } from '@navisai/protocol';
import type { NodeRecord } from '@navisai/store';

/** What only a hub that runs knows. */
export interface NodePresence {
  /** Null while it is not connected. */
  connectedAt: string | null;
  lastSeenAt: string | null;
  load: NodeLoad | null;
  terminals: number;
  /** Its own ceiling limits what runs there, as far as it told. */
  hasCeiling: boolean;
  /** Of the hub's own machine: it never tells by a handshake. */
  platform?: NodePlatform;
  version?: string;
}

export const describeNode = (record: NodeRecord, presence: NodePresence | undefined): NodeInfo => ({
  id: record.id,
  name: record.name,
  labels: record.labels,
  state: stateOf(record, presence),
  draining: record.draining,
  platform: presence?.platform ?? record.platform,
  version: presence?.version ?? record.version,
  epoch: record.epoch,
  createdAt: record.createdAt,
  enrolledAt: record.enrolledAt,
  connectedAt: presence?.connectedAt ?? null,
  lastSeenAt: latest(presence?.lastSeenAt ?? null, record.lastSeenAt),
  load: presence?.load ?? null,
  terminals: presence?.terminals ?? 0,
  restricted: record.overlay !== null || presence?.hasCeiling === true,
  keyExpiresAt: record.key?.expiresAt ?? null,
});

const stateOf = (record: NodeRecord, presence: NodePresence | undefined): NodeState => {
  if (record.id === mainNodeId) return 'online';
  if (record.revokedAt !== null) return 'revoked';
  // Only leaving takes the key away from a node that had one.
  if (record.publicKey === null) return record.enrolledAt === null || record.key !== null ? 'invited' : 'left';
  return (presence?.connectedAt ?? null) === null ? 'offline' : 'online';
};

const latest = (one: string | null, other: string | null): string | null =>
  one === null || other === null ? (one ?? other) : one > other ? one : other;
