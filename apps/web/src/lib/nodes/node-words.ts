/** A node's state, load and labels in few words (N3). */
import { mainNodeId } from '@navisai/protocol';
import type { Labels, NodeInfo, NodeLoad } from '@navisai/protocol';
import { formatAgo } from '../time/durations.ts';

export type NodeTone = 'good' | 'warn' | 'bad' | 'ended';

export interface NodeWords {
  tone: NodeTone;
  label: string;
  /** Since when, or until when. */
  detail: string;
}

type Facts = Pick<NodeInfo, 'id' | 'state' | 'draining' | 'connectedAt' | 'lastSeenAt' | 'enrolledAt' | 'keyExpiresAt'>;

export const describeNode = (node: Facts, now: number): NodeWords => {
  if (node.id === mainNodeId) return { tone: 'good', label: 'Hub', detail: 'the machine that the hub runs on' };
  switch (node.state) {
    case 'invited':
      return describeInvitation(node, now);
    case 'online':
      return {
        tone: node.draining ? 'warn' : 'good',
        label: node.draining ? 'Draining' : 'Online',
        detail: node.connectedAt === null ? 'connected' : `connected ${formatAgo(node.connectedAt, now)}`,
      };
    case 'offline':
      return {
        tone: 'bad',
        label: 'Offline',
        detail: node.lastSeenAt === null ? 'never connected' : `last seen ${formatAgo(node.lastSeenAt, now)}`,
      };
    case 'revoked':
      return { tone: 'ended', label: 'Revoked', detail: 'may not connect any more' };
    case 'left':
      return { tone: 'ended', label: 'Left', detail: 'its owner took it away' };
  }
};

const describeInvitation = ({ keyExpiresAt }: Facts, now: number): NodeWords => {
  const isOver = keyExpiresAt !== null && Date.parse(keyExpiresAt) <= now;
  return isOver
    ? { tone: 'ended', label: 'Key expired', detail: 'make a new key to let it join' }
    : { tone: 'warn', label: 'Invited', detail: 'waiting for it to join' };
};

/** `Linux x64`, `macOS arm64`. */
export const platformInWords = ({ platform }: Pick<NodeInfo, 'platform'>): string => {
  if (platform === null) return '';
  const systems: Record<string, string> = { linux: 'Linux', darwin: 'macOS' };
  return `${systems[platform.os] ?? platform.os} ${platform.arch}`;
};

/** Shares from 0 to 1 of what the machine has; `processor` is 1 when every core has one process to run. */
export const loadShares = (load: NodeLoad): { processor: number; memory: number } => ({
  processor: clamp(load.load1 / load.cpus),
  memory: load.memoryBytes === 0 ? 0 : clamp(1 - load.freeMemoryBytes / load.memoryBytes),
});

const clamp = (share: number): number => Math.min(1, Math.max(0, share));

/** `role=web`, or the key alone for an empty value; in the order of keys. */
export const labelsInWords = (labels: Labels): string[] =>
  Object.entries(labels)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, value]) => (value === '' ? key : `${key}=${value}`));

/** `role=web rack=3` to labels; `undefined` when a word is no label. */
export const parseLabels = (text: string): Labels | undefined => {
  const labels: Labels = {};
  for (const word of text.split(/[\s,]+/).filter(Boolean)) {
    const match = /^([A-Za-z0-9._/-]{1,64})(?:=([^=]{0,64}))?$/.exec(word);
    if (match?.[1] === undefined) return undefined;
    labels[match[1]] = match[2] ?? '';
  }
  return labels;
};

/** What to send so that `before` becomes `after`: null removes a label. */
export const labelChanges = (before: Labels, after: Labels): Record<string, string | null> => ({
  ...Object.fromEntries(
    Object.keys(before)
      .filter((key) => !Object.hasOwn(after, key))
      .map((key) => [key, null]),
  ),
  ...after,
});

/** Nodes with every word of the query in their name, labels, platform or state. */
export const searchNodes = (nodes: readonly NodeInfo[], query: string, now: number): NodeInfo[] => {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...nodes];
  return nodes.filter((node) => {
    const facts = [node.name, ...labelsInWords(node.labels), platformInWords(node), describeNode(node, now).label];
    const text = `${facts.join(' ')} ${node.platform?.hostname ?? ''}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
};
