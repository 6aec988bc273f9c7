/** Tries a rule on the last calls that asked: which would it have been about (A2). */
import { describeCall, isAbout } from '@navisai/policy';
import { type Device, newId, pageSize, type RouteInput, type RouteResponse, type Rule } from '@navisai/protocol';
import type { Approvals } from '../../services/approvals.ts';
import { isCallApproval } from '../gate/call-approval.ts';
import { placeOfNode } from '../gate/places-of-nodes.ts';

export type RuleTrial = RouteInput<'testRule'>['body'];
type Answer = RouteResponse<'testRule'>;

export interface RuleTester {
  test(device: Device, trial: RuleTrial): Promise<Answer>;
}

export const createRuleTester = ({
  approvals,
  personHome,
}: {
  approvals: Pick<Approvals, 'list'>;
  personHome: string;
}): RuleTester => ({
  async test(device, { effect, matcher, nodes = null, limit = pageSize.default }) {
    const rule: Omit<Rule, 'userId'> = {
      id: newId('rule'),
      effect,
      matcher,
      nodes,
      sessionId: null,
      description: '',
      createdAt: '',
      expiresAt: null,
      createdBy: device.id,
    };
    const found = (await approvals.list({ device, limit })).filter(isCallApproval);
    const calls = found.map(({ id, createdAt, state, detail }) => {
      const { call, risk, summary, text } = detail;
      const place = placeOfNode(call.nodeId, personHome);
      const described = describeCall({ ...call, risk, place });
      const { sessionId, userId, nodeId } = call;
      const isCovered = isAbout({ ...rule, userId }, { described, place, sessionId, userId, nodeId, now: createdAt });
      return { approvalId: id, at: createdAt, summary, text, nodeId, risk, state, isCovered };
    });
    return { calls };
  },
});
