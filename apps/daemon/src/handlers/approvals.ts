/** Routes about approvals and standing decisions (A2, I7). */
import { pageSize } from '@navisai/protocol';
import type { Rules } from '../agents/rules/rules.ts';
import type { RuleTester } from '../agents/rules/test-rule.ts';
import type { Handlers } from '../http/handler.types.ts';
import type { Approvals } from '../services/approvals.ts';

export type ApprovalHandlers = Pick<
  Handlers,
  'approvals' | 'pendingApprovals' | 'approval' | 'approve' | 'reject' | 'rules' | 'addRule' | 'testRule' | 'removeRule'
>;

export interface ApprovalHandlerParts {
  approvals: Approvals;
  rules: Rules;
  ruleTester: RuleTester;
}

export const approvalHandlers = ({ approvals, rules, ruleTester }: ApprovalHandlerParts): ApprovalHandlers => ({
  async approvals({ query, device }) {
    await approvals.expire();
    return { approvals: await approvals.list({ device, state: query.state, limit: query.limit ?? pageSize.default }) };
  },
  async pendingApprovals({ device }) {
    await approvals.expire();
    return { approvals: await approvals.list({ device, state: 'pending', limit: pageSize.max }) };
  },
  async approval({ params, device }) {
    await approvals.expire();
    return approvals.visible(device, params.id);
  },
  approve: ({ params, body, device }) => approvals.decide({ ...body, id: params.id, state: 'approved', by: device }),
  reject: ({ params, body, device }) =>
    approvals.decide({ id: params.id, state: 'rejected', by: device, comment: body?.comment }),
  rules: async ({ device }) => ({ rules: await rules.list(device) }),
  addRule: ({ body, device }) => rules.add(device, body.signed),
  testRule: ({ body, device }) => ruleTester.test(device, body),
  removeRule: ({ params, device }) => rules.remove(device, params.id),
});
