/** What would become of a command, or of a call of a tool, that no person made: the node's ceiling, then how it asks (A1). */
import { decideCall } from '@navisai/policy';
import type { Device, ExplainRequest, PolicyDecision } from '@navisai/protocol';
import type { NodeRecord } from '@navisai/store';
import type { NodePolicies } from '../../nodes/node-policies.ts';
import type { Rules } from '../rules/rules.ts';
import { placeOfNode } from './places-of-nodes.ts';

export interface ExplainerParts {
  policies: Pick<NodePolicies, 'explain' | 'known'>;
  rules: Pick<Rules, 'inForce'>;
  personHome: string;
  now: () => number;
}

export type Explain = (node: NodeRecord, device: Device, request: ExplainRequest) => Promise<PolicyDecision>;

export const createExplain =
  ({ policies, rules, personHome, now }: ExplainerParts): Explain =>
  async (node, device, { approvals: mode, ...request }) => {
    const { userId } = device;
    const origin = mode === undefined ? ('person' as const) : ('agent' as const);
    const byNode = await policies.explain(node, { ...request, userId, origin });
    if (mode === undefined || byNode.effect === 'deny') return byNode;
    const { decision } = decideCall({
      mode,
      call: { ...callOf(request), sessionId: '', userId, nodeId: node.id },
      rules: (await rules.inForce(userId)).map(({ rule }) => rule),
      place: placeOfNode(node.id, personHome),
      now: new Date(now()).toISOString(),
    });
    return { ...decision, trace: [...byNode.trace, ...decision.trace].slice(-500) };
  };

const callOf = ({ tool = 'terminal', action, command, workingDirectory }: ExplainRequest) => ({
  tool,
  arguments: {
    ...(action === undefined && command === undefined ? {} : { action: action ?? 'run' }),
    ...(command === undefined ? {} : { command }),
    ...(workingDirectory === undefined ? {} : { working_dir: workingDirectory }),
  },
});
