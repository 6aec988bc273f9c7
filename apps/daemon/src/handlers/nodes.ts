/** Routes about nodes and their policy (N2, N3, N12). */
import type { NodeRecord } from '@navisai/store';
import type { Explain } from '../agents/gate/explain.ts';
import type { Handlers } from '../http/handler.types.ts';
import type { Nodes } from '../nodes/nodes.ts';

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

export interface NodeHandlerParts extends Pick<Nodes, 'registry' | 'policies'> {
  explain: Explain;
}

export const nodeHandlers = ({ registry, policies, explain }: NodeHandlerParts): NodeHandlers => {
  const find = ({ params }: { params: { id: string } }): NodeRecord => registry.require(params.id);
  return {
    nodes({ query: { after, limit } }) {
      const { records, next } = registry.page({ after, limit });
      return { nodes: records.map((record) => registry.describe(record)), next };
    },
    node: (call) => registry.describe(find(call)),
    addNode: ({ body }) => registry.add(body),
    changeNode: async (call) => registry.describe(await registry.change(find(call), call.body)),
    rekeyNode: (call) => registry.rekey(find(call)),
    revokeNode: async (call) => registry.describe(await registry.revoke(find(call))),
    removeNode: (call) => registry.remove(find(call)),
    nodePolicy: (call) => policies.of(find(call)),
    setNodeOverlay: (call) => policies.setOverlay(find(call), call.body.overlay),
    explainPolicy: (call) => explain(find(call), call.device, call.body),
  };
};
