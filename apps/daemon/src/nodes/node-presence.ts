/** What only a hub that runs knows of its nodes: who is connected, how busy, with how many terminals (N3). */
import { currentLoad, describePlatform, type Machine } from '@navisai/machine';
import type { NodePresence } from './describe-node.ts';
import { heardAt, type LastSeen } from './last-seen.ts';
import type { LiveLinks } from './live-links.ts';
import type { NodePolicies } from './node-policies.ts';
import type { RemoteNodes } from './remote-nodes.ts';

export interface MainFacts {
  main: Machine;
  policies: NodePolicies;
  version: string;
  startedAtMs: number;
  now: () => number;
}

export const mainPresence = (nodeId: string, { main, policies, ...facts }: MainFacts): NodePresence => {
  const at = facts.now();
  const policy = policies.known(nodeId);
  return {
    connectedAt: new Date(facts.startedAtMs).toISOString(),
    lastSeenAt: new Date(at).toISOString(),
    load: currentLoad(at),
    terminals: main.terminals().length,
    hasCeiling: (policy?.ceiling ?? null) !== null,
    platform: describePlatform(policy?.sandbox ?? 'none'),
    version: facts.version,
  };
};

export interface RemoteFacts {
  links: LiveLinks;
  remotes: RemoteNodes;
  policies: NodePolicies;
  lastSeen: LastSeen;
  now: () => number;
}

export const remotePresence = (nodeId: string, facts: RemoteFacts): NodePresence => {
  const link = facts.links.get(nodeId);
  // Before everything that is known of it is true again, it takes no work.
  const isInUse = facts.remotes.get(nodeId)?.isConnected === true;
  return {
    connectedAt: link === undefined || !isInUse ? null : new Date(link.connectedAtMs).toISOString(),
    lastSeenAt: link === undefined ? (facts.lastSeen.of(nodeId) ?? null) : heardAt(link, facts.now()),
    load: link?.load ?? null,
    terminals: facts.remotes.terminalsOn(nodeId).length,
    hasCeiling: (facts.policies.known(nodeId)?.ceiling ?? null) !== null,
  };
};
