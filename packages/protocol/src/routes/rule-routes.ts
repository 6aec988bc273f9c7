/** Routes about standing decisions: rules with a scope and an expiry (A2). */
import { z } from 'zod';
import { approvalStateSchema, callMatcherSchema, riskSchema, ruleSchema } from '../approval-entities.ts';
import { approvalIdSchema, nodeIdSchema, ruleIdSchema } from '../ids.ts';
import { pageSize } from '../limits.ts';
import { signedTextSchema } from '../signed-statements.ts';
import { timestampSchema } from '../time.ts';
import { route } from './route.ts';

/** A call that once asked, newest first, and whether the rule is about it. */
const testedCallSchema = z.object({
  approvalId: approvalIdSchema,
  at: timestampSchema,
  summary: z.string(),
  text: z.string(),
  nodeId: nodeIdSchema,
  risk: riskSchema,
  state: approvalStateSchema,
  isCovered: z.boolean(),
});

export const ruleRoutes = {
  rules: route({
    method: 'GET',
    path: '/policy/rules',
    access: 'viewer',
    summary: 'Rules that hold now, newest first.',
    response: z.object({ rules: z.array(ruleSchema) }),
  }),
  addRule: route({
    method: 'POST',
    path: '/policy/rules',
    access: 'operator',
    summary: 'Add a rule; the statement is signed by this device.',
    body: z.strictObject({ signed: signedTextSchema }),
    response: ruleSchema,
  }),
  testRule: route({
    method: 'POST',
    path: '/policy/rules/test',
    access: 'viewer',
    summary: 'Which of the last calls that asked a rule would be about; nothing is kept.',
    body: z.strictObject({
      effect: ruleSchema.shape.effect,
      matcher: callMatcherSchema,
      nodes: ruleSchema.shape.nodes.optional(),
      limit: z.number().int().min(1).max(pageSize.max).optional(),
    }),
    response: z.object({ calls: z.array(testedCallSchema) }),
  }),
  removeRule: route({
    method: 'DELETE',
    path: '/policy/rules/:id',
    access: 'operator',
    summary: 'Remove a rule; what it allowed asks again.',
    params: z.strictObject({ id: ruleIdSchema }),
  }),
} as const;
