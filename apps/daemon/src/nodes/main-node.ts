/** The hub's own machine as a node like the others (N3). */
import { mainNodeId } from '@navisai/protocol';
import type { NodeRecord } from '@navisai/store';

/** As it is kept when the store has none yet; it never enrols. */
export const newMainRecord = (at: string): NodeRecord => ({
  id: mainNodeId,
  name: mainNodeId,
  labels: {},
  instanceId: mainNodeId,
  publicKey: null,
  key: null,
  epoch: 0,
  draining: false,
  overlay: null,
  platform: null,
  version: null,
  createdAt: at,
  enrolledAt: at,
  lastSeenAt: null,
  revokedAt: null,
});
