/** The link to the node of a sub-agent: at once for a new one; one from before a restart of the hub waits until its node is back. */
import { NavisError } from '@navisai/protocol';
import type { RemoteMachine } from '@navisai/remote';
import type { Nodes } from '../../nodes/nodes.ts';

/** After a restart of the hub its nodes need a moment. */
const nodeReturnMs = 60_000;

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
  if (isRepeat && !nodes.fleet.isConnected(nodeId)) await untilBack(nodes, nodeId, signal);
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

const untilBack = async (nodes: Pick<Nodes, 'onConnected'>, nodeId: string, signal: AbortSignal): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const onAbort = (): void => resolve();
  const stop = nodes.onConnected((connected) => (connected === nodeId ? resolve() : undefined));
  const timer = setTimeout(resolve, nodeReturnMs);
  signal.addEventListener('abort', onAbort, { once: true });
  await promise;
  signal.removeEventListener('abort', onAbort);
  clearTimeout(timer);
  stop();
};
