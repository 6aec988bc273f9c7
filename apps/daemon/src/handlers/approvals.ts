/** Routes about approvals (A2, I7). */
import { pageSize } from '@navisai/protocol';
import type { Handlers } from '../http/handler.types.ts';
import type { Approvals } from '../services/approvals.ts';

export type ApprovalHandlers = Pick<Handlers, 'approvals' | 'pendingApprovals' | 'approve' | 'reject'>;

export const approvalHandlers = (approvals: Approvals): ApprovalHandlers => ({
  async approvals({ query }) {
    await approvals.expire();
    return { approvals: await approvals.list({ state: query.state, limit: query.limit ?? pageSize.default }) };
  },
  async pendingApprovals() {
    await approvals.expire();
    return { approvals: await approvals.list({ state: 'pending', limit: pageSize.max }) };
  },
  approve: ({ params, body, device }) =>
    approvals.decide({ id: params.id, state: 'approved', by: device, scope: body.scope }),
  reject: ({ params, device }) => approvals.decide({ id: params.id, state: 'rejected', by: device }),
});
