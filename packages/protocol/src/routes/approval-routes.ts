/** Routes about what waits for a decision of the person (A2, N12). */
import { z } from 'zod';
import { approvalSchema, approvalStateSchema, grantScopeSchema } from '../approval-entities.ts';
import { scopeSchema } from '../device-entities.ts';
import { approvalIdSchema } from '../ids.ts';
import { signedTextSchema } from '../signed-statements.ts';
import { limit, route } from './route.ts';

const comment = z.string().trim().max(2000).optional();

export const approvalRoutes = {
  approvals: route({
    method: 'GET',
    path: '/approvals',
    access: 'viewer',
    summary: 'Approvals, newest first.',
    query: z.strictObject({ state: approvalStateSchema.optional(), limit }),
    response: z.object({ approvals: z.array(approvalSchema) }),
  }),
  pendingApprovals: route({
    method: 'GET',
    path: '/approvals/pending',
    access: 'viewer',
    summary: 'Approvals that wait for a decision.',
    response: z.object({ approvals: z.array(approvalSchema) }),
  }),
  approval: route({
    method: 'GET',
    path: '/approvals/:id',
    access: 'viewer',
    summary: 'One approval with everything that was asked.',
    params: z.strictObject({ id: approvalIdSchema }),
    response: approvalSchema,
  }),
  approve: route({
    method: 'POST',
    path: '/approvals/:id/approve',
    access: 'operator',
    summary: 'Approve; of several decisions exactly one wins. Pairings need scope admin, calls of others as well.',
    params: z.strictObject({ id: approvalIdSchema }),
    body: z.strictObject({
      /** Of a pairing: narrower than what was asked for. */
      scope: scopeSchema.optional(),
      /** Of a call; default `once`. */
      grant: grantScopeSchema.optional(),
      comment,
      /** Of a call: the approval statement (`once`) or rule statement (`session`, `rule`), signed by this device. Of a pairing: the enrolment. */
      signed: signedTextSchema.optional(),
    }),
    response: approvalSchema,
  }),
  reject: route({
    method: 'POST',
    path: '/approvals/:id/reject',
    access: 'operator',
    summary: 'Reject; a comment is told to whoever asked.',
    params: z.strictObject({ id: approvalIdSchema }),
    body: z.strictObject({ comment }).optional(),
    response: approvalSchema,
  }),
} as const;
