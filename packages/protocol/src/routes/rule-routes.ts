/** Routes about standing decisions: rules with a scope and an expiry (A2). */
import { z } from 'zod';
import { ruleSchema } from '../approval-entities.ts';
import { ruleIdSchema } from '../ids.ts';
import { signedTextSchema } from '../signed-statements.ts';
import { route } from './route.ts';

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
  removeRule: route({
    method: 'DELETE',
    path: '/policy/rules/:id',
    access: 'operator',
    summary: 'Remove a rule; what it allowed asks again.',
    params: z.strictObject({ id: ruleIdSchema }),
  }),
} as const;
