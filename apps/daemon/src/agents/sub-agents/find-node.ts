/** The link to the node of a sub-agent: at once for a new one; one from before a restart of the hub waits until its node is back. */
import { NavisError } from '@navisai/protocol';
import type { RemoteMachine } from '@navisai/remote';
import type { Nodes } from '../../nodes/nodes.ts';
import { waitForReturn } from '../calls/wait-for-return.ts';

export interface NodeRequest {
  nodeId: string;
  sessionId: string;
  isRepeat: boolean;
  signal: AbortSignal;
}

/** The session has work there from now on (N10). Rejects NavisError NODE_OFFLINE. */
export const linkTo = async (
  nodes: Pick<Nodes, 'fleet' | 'onConnected'>,
  { nodeId, sessionId, isRepeat, signal }: NodeRequest,
): Promise<RemoteMachine> => {
  const waiting = waitForReturn((listener) => nodes.onConnected(listener), signal);
  while (isRepeat && !nodes.fleet.isConnected(nodeId) && (await waiting.next()));
  await nodes.fleet.giveWork(sessionId, nodeId);
  return nodes.fleet.remote(nodeId);
};

/** For a new sub-agent. Throws NavisError NODE_UNKNOWN, NODE_OFFLINE or NODE_DRAINING. */
export const requireTaking = (nodes: Pick<Nodes, 'fleet' | 'registry'>, nodeId: string): void => {
  const node = nodes.registry.find(nodeId);
  const name = node?.name ?? nodeId;
  if (node === undefined || !nodes.fleet.isConnected(nodeId))
    throw new NavisError('NODE_OFFLINE', `The node ${name} is not connected. No sub-agent was started.`);
  if (node.draining) throw new NavisError('NODE_DRAINING', `The node ${name} is being drained and takes no new work.`);
};
