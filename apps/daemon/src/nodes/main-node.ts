/** The hub's own machine as a node like the others: what it is and how busy it is (N3). */
import {
  arch,
  availableParallelism,
  freemem,
  hostname,
  loadavg,
  platform,
  release,
  totalmem,
  uptime,
  userInfo,
} from 'node:os';
import { mainNodeId, type MachinePolicy, type NodeLoad, type NodePlatform } from '@navisai/protocol';
import type { NodeRecord } from '@navisai/store';

export const mainLoad = (now: number): NodeLoad => ({
  at: new Date(now).toISOString(),
  cpus: availableParallelism(),
  load1: loadavg()[0] ?? 0,
  memoryBytes: totalmem(),
  freeMemoryBytes: freemem(),
  uptime: uptime(),
});

export const mainPlatform = (sandbox: MachinePolicy['sandbox']): NodePlatform => ({
  os: platform(),
  arch: arch(),
  release: release().slice(0, 128),
  hostname: hostname().slice(0, 255),
  user: accountName().slice(0, 128),
  sandbox,
});

/** An account that has no entry in the password file is told by its number. */
const accountName = (): string => {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? '');
  }
};

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
