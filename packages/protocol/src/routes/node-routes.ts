/** Routes about nodes and their policy (N2, N3, N12). */
import { z } from 'zod';
import { nodeIdSchema } from '../ids.ts';
import { labelsSchema, nodeNameSchema, nodeSchema } from '../node-entities.ts';
import { ceilingSchema, explainSchema, machinePolicySchema, policyDecisionSchema } from '../node-policy.ts';
import { limit, route } from './route.ts';

/** By id or by name. */
const nodeParams = z.strictObject({ id: nodeIdSchema });
const nodeInvitation = z.object({
  node: nodeSchema,
  /** `NODE_API_KEY` of the new node; the hub keeps its hash only. */
  key: z.string(),
  /** One line for a shell of the new machine. */
  command: z.string(),
});

export const nodeRoutes = {
  nodes: route({
    method: 'GET',
    path: '/nodes',
    access: 'viewer',
    summary:
      'Every node with its state, `main` first (N3); with `limit` in pages, `after` is the last id of the page before.',
    query: z.strictObject({ after: nodeIdSchema.optional(), limit }),
    response: z.object({ nodes: z.array(nodeSchema), next: nodeIdSchema.nullable().optional() }),
  }),
  node: route({
    method: 'GET',
    path: '/nodes/:id',
    access: 'viewer',
    summary: 'One node, by id or name.',
    params: nodeParams,
    response: nodeSchema,
  }),
  addNode: route({
    method: 'POST',
    path: '/nodes',
    access: 'admin',
    summary: 'Invite a node: its one-time key is shown once and works for 24 hours.',
    body: z.strictObject({ name: nodeNameSchema, labels: labelsSchema.optional() }),
    response: nodeInvitation,
  }),
  changeNode: route({
    method: 'PATCH',
    path: '/nodes/:id',
    access: 'admin',
    summary: 'Rename a node, set its labels (null removes one), or drain it.',
    params: nodeParams,
    body: z.strictObject({
      name: nodeNameSchema.optional(),
      labels: z.record(z.string().max(64), z.string().max(64).nullable()).optional(),
      draining: z.boolean().optional(),
    }),
    response: nodeSchema,
  }),
  rekeyNode: route({
    method: 'POST',
    path: '/nodes/:id/rekey',
    access: 'admin',
    summary: 'A new one-time key for a machine that was made anew; the old public key works until it is used.',
    params: nodeParams,
    response: nodeInvitation,
  }),
  revokeNode: route({
    method: 'POST',
    path: '/nodes/:id/revoke',
    access: 'admin',
    summary: 'Refuse a node from now on and drop its connection.',
    params: nodeParams,
    response: nodeSchema,
  }),
  removeNode: route({
    method: 'DELETE',
    path: '/nodes/:id',
    access: 'admin',
    summary: 'Forget a node and what is known of its terminals.',
    params: nodeParams,
  }),
  nodePolicy: route({
    method: 'GET',
    path: '/nodes/:id/policy',
    access: 'viewer',
    summary: "The node's ceiling and the hub's overlay (N12).",
    params: nodeParams,
    response: machinePolicySchema,
  }),
  setNodeOverlay: route({
    method: 'PUT',
    path: '/nodes/:id/policy',
    access: 'admin',
    summary: "Set the hub's overlay, which only tightens the node's ceiling; null removes it.",
    params: nodeParams,
    body: z.strictObject({ overlay: ceilingSchema.nullable() }),
    response: machinePolicySchema,
  }),
  explainPolicy: route({
    method: 'POST',
    path: '/nodes/:id/policy/explain',
    access: 'viewer',
    summary: 'What the policy of a node says about a call, with the deciding rule and where it lives; nothing runs.',
    params: nodeParams,
    body: explainSchema,
    response: policyDecisionSchema,
  }),
} as const;
