/** Routes about nodes and their policy (N2, N3, N12). */
import type { Machine } from '@navisai/machine';
import type { NodeRecord } from '@navisai/store';
import type { Handlers } from '../http/handler.types.ts';
import type { NodeRegistry } from '../nodes/registry.ts';

export type NodeHandlers = Pick<
  Handlers,
  | 'nodes'
  | 'node'
  | 'addNode'
  | 'changeNode'
  | 'rekeyNode'
  | 'revokeNode'
  | 'removeNode'
  | 'nodePolicy'
  | 'setNodeOverlay'
  | 'explainPolicy'
>;

export interface NodeHandlerParts {
  registry: NodeRegistry;
  /** Throws NavisError NODE_OFFLINE. */
  machineOf(node: NodeRecord): Machine;
  /** Keeps the overlay and tells the node, now or when it connects. */
  setOverlay(node: NodeRecord, overlay: Parameters<Machine['setOverlay']>[0]): Promise<NodeRecord>;
}

export const nodeHandlers = ({ registry, machineOf, setOverlay }: NodeHandlerParts): NodeHandlers => {
  const find = ({ params }: { params: { id: string } }): NodeRecord => registry.require(params.id);
  return {
    nodes: () => ({ nodes: registry.page({}).map((record) => registry.describe(record)) }),
    node: (call) => registry.describe(find(call)),
    addNode: ({ body }) => registry.add(body),
    changeNode: async (call) => registry.describe(await registry.change(find(call), call.body)),
    rekeyNode: (call) => registry.rekey(find(call)),
    revokeNode: async (call) => registry.describe(await registry.revoke(find(call))),
    removeNode: (call) => registry.remove(find(call)),
    nodePolicy: (call) => machineOf(find(call)).policy(),
    async setNodeOverlay(call) {
      const record = await setOverlay(find(call), call.body.overlay);
      return machineOf(record).policy();
    },
    explainPolicy: (call) =>
      machineOf(find(call)).explain({ ...call.body, userId: call.device.userId, origin: 'person' }),
  };
};
