/** Every HTTP route of the hub: the daemon serves this table, clients call it, `/docs` describes it (I7, I15). */
import { z } from 'zod';
import { publicKeySchema } from './authentication.ts';
import {
  approvalSchema,
  approvalStateSchema,
  deviceKindSchema,
  deviceSchema,
  offsetSchema,
  scopeSchema,
  sessionKindSchema,
  sessionSchema,
  sessionWithTerminalsSchema,
  statusSchema,
  timestampSchema,
} from './entities.ts';
import { seqSchema } from './events.ts';
import {
  approvalIdSchema,
  callIdSchema,
  deviceIdSchema,
  nodeIdSchema,
  pairingIdSchema,
  sessionIdSchema,
  terminalIdSchema,
} from './ids.ts';
import { labelsSchema, nodeNameSchema, nodeSchema } from './node-entities.ts';
import { ceilingSchema, explainSchema, machinePolicySchema, policyDecisionSchema } from './node-policy.ts';
import { maxHistoryReadBytes, pageSize } from './limits.ts';
import { toolResultSchema } from './tool-result.ts';

/** `public` needs no credential; the others name the least scope of the device (U1). */
export type Access = 'public' | 'viewer' | 'operator' | 'admin';

export interface Route<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Response extends z.ZodType = z.ZodType,
> {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With `:name` for parameters. */
  path: string;
  access: Access;
  summary: string;
  params: Params;
  query: Query;
  body: Body;
  /** `raw` answers are bytes of `contentType`, not JSON. */
  response: Response;
  contentType?: string;
  /** Answered also in degraded mode (I17). */
  whenDegraded?: boolean;
}

const nothing = z.undefined();
type Nothing = typeof nothing;
const noQuery = z.strictObject({});
const noParams = z.strictObject({});

/** Fills in what a route leaves out. */
const route = <
  P extends z.ZodType = typeof noParams,
  Q extends z.ZodType = typeof noQuery,
  B extends z.ZodType = Nothing,
  R extends z.ZodType = Nothing,
>(
  given: Pick<Route, 'method' | 'path' | 'access' | 'summary' | 'contentType' | 'whenDegraded'> & {
    params?: P;
    query?: Q;
    body?: B;
    response?: R;
  },
): Route<P, Q, B, R> =>
  ({ params: noParams, query: noQuery, body: nothing, response: nothing, ...given }) as unknown as Route<P, Q, B, R>;

/** A number in a query string. */
const queryNumber = <T extends z.ZodNumber>(schema: T) =>
  z
    .string()
    .regex(/^\d{1,16}$/, 'must be a whole number')
    .transform(Number)
    .pipe(schema);

const limit = queryNumber(z.number().int().min(1).max(pageSize.max)).optional();
const sessionParams = z.strictObject({ id: sessionIdSchema });
/** By id or by name. */
const nodeParams = z.strictObject({ id: nodeIdSchema });
const nodeInvitation = z.object({
  node: nodeSchema,
  /** `NODE_API_KEY` of the new node; the hub keeps its hash only. */
  key: z.string(),
  /** One line for a shell of the new machine. */
  command: z.string(),
});
const eventPage = z.object({
  generation: z.string(),
  events: z.array(z.looseObject({ type: z.string(), data: z.unknown(), timestamp: timestampSchema })),
  seq: seqSchema,
});
const eventQuery = z.strictObject({ after: queryNumber(seqSchema).optional(), limit });

const pairingRequestBody = z.strictObject({
  /** One-time, 128 bits, base64url; from the fragment of the pairing link. */
  token: z.string().regex(/^[A-Za-z0-9_-]{22}$/, 'must be the token of a pairing link'),
  name: z.string().trim().min(1).max(64),
  kind: deviceKindSchema.exclude(['host']),
  publicKey: publicKeySchema,
  scope: scopeSchema.optional(),
});
const pairingRequestResponse = z.object({
  pairingId: pairingIdSchema,
  shortCode: z.string(),
  expiresAt: timestampSchema,
});

export const routes = {
  status: route({
    method: 'GET',
    path: '/status',
    access: 'public',
    summary: 'Health, version and pairing state.',
    response: statusSchema,
    whenDegraded: true,
  }),
  caCertificate: route({
    method: 'GET',
    path: '/certs/navis.local-ca.crt',
    access: 'public',
    summary: "The local CA's certificate (PEM).",
    contentType: 'application/x-x509-ca-cert',
    response: z.string(),
    whenDegraded: true,
  }),
  docs: route({
    method: 'GET',
    path: '/docs',
    access: 'public',
    summary: 'This API as a page.',
    contentType: 'text/html; charset=utf-8',
    response: z.string(),
    whenDegraded: true,
  }),
  openapi: route({
    method: 'GET',
    path: '/docs/openapi.json',
    access: 'public',
    summary: 'This API as OpenAPI 3.1.',
    response: z.looseObject({}),
    whenDegraded: true,
  }),

  pairingRequest: route({
    method: 'POST',
    path: '/pairing/request',
    access: 'public',
    summary: 'Ask to become a device, with the token of a pairing link.',
    body: pairingRequestBody,
    response: pairingRequestResponse,
  }),
  pairingStart: route({
    method: 'POST',
    path: '/pairing/start',
    access: 'public',
    summary: 'Alias of /pairing/request.',
    body: pairingRequestBody,
    response: pairingRequestResponse,
  }),
  pairingStatus: route({
    method: 'POST',
    path: '/pairing/status',
    access: 'public',
    summary: 'What became of a pairing request; the id is known to its requester only.',
    body: z.strictObject({ pairingId: pairingIdSchema }),
    response: z.object({ state: approvalStateSchema, device: deviceSchema.optional() }),
  }),
  openPairing: route({
    method: 'POST',
    path: '/pairings',
    access: 'admin',
    summary: 'Make a pairing link; an earlier one becomes void.',
    body: z.strictObject({ scope: scopeSchema.optional() }),
    response: z.object({ url: z.string(), token: z.string(), expiresAt: timestampSchema }),
  }),
  closePairing: route({ method: 'DELETE', path: '/pairings', access: 'admin', summary: 'Void the pairing link.' }),

  whoAmI: route({
    method: 'GET',
    path: '/whoami',
    access: 'viewer',
    summary: 'The calling device.',
    response: deviceSchema,
  }),
  devices: route({
    method: 'GET',
    path: '/devices',
    access: 'viewer',
    summary: 'Paired devices.',
    response: z.object({ devices: z.array(deviceSchema) }),
  }),
  revokeDevice: route({
    method: 'POST',
    path: '/devices/:id/revoke',
    access: 'admin',
    summary: 'Revoke a device and close its connections.',
    params: z.strictObject({ id: deviceIdSchema }),
    response: deviceSchema,
  }),

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
  approve: route({
    method: 'POST',
    path: '/approvals/:id/approve',
    access: 'admin',
    summary: 'Approve; of several decisions exactly one wins.',
    params: z.strictObject({ id: approvalIdSchema }),
    body: z.strictObject({ scope: scopeSchema.optional() }),
    response: approvalSchema,
  }),
  reject: route({
    method: 'POST',
    path: '/approvals/:id/reject',
    access: 'admin',
    summary: 'Reject.',
    params: z.strictObject({ id: approvalIdSchema }),
    response: approvalSchema,
  }),

  sessions: route({
    method: 'GET',
    path: '/sessions',
    access: 'viewer',
    summary: 'Sessions with their terminals, newest first; `after` is the last id of the page before.',
    query: z.strictObject({ kind: sessionKindSchema.optional(), after: sessionIdSchema.optional(), limit }),
    response: z.object({ sessions: z.array(sessionWithTerminalsSchema), next: sessionIdSchema.nullable() }),
  }),
  createSession: route({
    method: 'POST',
    path: '/sessions',
    access: 'operator',
    summary: 'Start a session.',
    body: z.strictObject({
      title: z.string().trim().min(1).max(200).optional(),
      kind: z.literal('terminal').optional(),
    }),
    response: sessionSchema,
  }),
  defaultSession: route({
    method: 'PUT',
    path: '/sessions/default',
    access: 'operator',
    summary: "The user's default session; made on first use.",
    response: sessionSchema,
  }),
  session: route({
    method: 'GET',
    path: '/sessions/:id',
    access: 'viewer',
    summary: 'One session with its terminals.',
    params: sessionParams,
    response: sessionWithTerminalsSchema,
  }),
  renameSession: route({
    method: 'PATCH',
    path: '/sessions/:id',
    access: 'operator',
    summary: 'Rename a session.',
    params: sessionParams,
    body: z.strictObject({ title: z.string().trim().min(1).max(200) }),
    response: sessionSchema,
  }),
  closeSession: route({
    method: 'DELETE',
    path: '/sessions/:id',
    access: 'operator',
    summary: 'Close a session and every terminal of it.',
    params: sessionParams,
  }),
  sessionEvents: route({
    method: 'GET',
    path: '/sessions/:id/events',
    access: 'viewer',
    summary: "A page of the session's event log after a cursor.",
    params: sessionParams,
    query: eventQuery,
    response: eventPage,
  }),
  hubEvents: route({
    method: 'GET',
    path: '/events',
    access: 'viewer',
    summary: 'A page of the event log `hub` after a cursor.',
    query: eventQuery,
    response: eventPage,
  }),

  tools: route({
    method: 'GET',
    path: '/tools',
    access: 'viewer',
    summary: 'Tools with their schemas.',
    response: z.object({
      tools: z.array(z.object({ name: z.string(), description: z.string(), schema: z.looseObject({}) })),
    }),
  }),
  callTool: route({
    method: 'POST',
    path: '/sessions/:id/tools/:tool',
    access: 'operator',
    summary: "Call a tool with its arguments; what the tool's schema judges answers 200 with success false.",
    params: z.strictObject({ id: sessionIdSchema, tool: z.string().regex(/^[a-z_]{1,64}$/, 'not the name of a tool') }),
    body: z.unknown(),
    response: toolResultSchema,
  }),
  signalCall: route({
    method: 'POST',
    path: '/sessions/:id/calls/:callId/signal',
    access: 'operator',
    summary: 'Signal the process group of a call under way.',
    params: z.strictObject({ id: sessionIdSchema, callId: callIdSchema }),
    body: z.strictObject({
      signal: z.enum(['SIGINT', 'SIGTERM', 'SIGKILL', 'SIGHUP']),
      nodeId: nodeIdSchema.optional(),
    }),
  }),
  output: route({
    method: 'GET',
    path: '/sessions/:id/outputs/:callId',
    access: 'viewer',
    summary: 'The whole output of a call in byte ranges; headers Navis-Offset, Navis-Next-Offset, Navis-End-Offset.',
    params: z.strictObject({ id: sessionIdSchema, callId: callIdSchema }),
    query: z.strictObject({
      from: queryNumber(offsetSchema).optional(),
      limit: queryNumber(z.number().int().min(1).max(maxHistoryReadBytes)).optional(),
      /** Where it ran; found by asking when left out. */
      node: nodeIdSchema.optional(),
    }),
    contentType: 'application/octet-stream',
    response: z.instanceof(Uint8Array),
  }),
  terminalHistory: route({
    method: 'GET',
    path: '/sessions/:id/terminals/:terminalId/output',
    access: 'viewer',
    summary:
      'Retained bytes of a terminal; headers Navis-Offset, Navis-Next-Offset, Navis-First-Offset, Navis-End-Offset.',
    params: z.strictObject({ id: sessionIdSchema, terminalId: terminalIdSchema }),
    query: z.strictObject({
      from: queryNumber(offsetSchema).optional(),
      limit: queryNumber(z.number().int().min(1).max(maxHistoryReadBytes)).optional(),
    }),
    contentType: 'application/octet-stream',
    response: z.instanceof(Uint8Array),
  }),

  nodes: route({
    method: 'GET',
    path: '/nodes',
    access: 'viewer',
    summary: 'Every node with its state, `main` first (N3).',
    response: z.object({ nodes: z.array(nodeSchema) }),
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

  logs: route({
    method: 'GET',
    path: '/logs',
    access: 'admin',
    summary: "The last lines of the hub's log.",
    query: z.strictObject({ tail: queryNumber(z.number().int().min(1).max(10_000)).optional() }),
    response: z.object({ lines: z.array(z.string()) }),
    whenDegraded: true,
  }),
  shutdown: route({
    method: 'POST',
    path: '/shutdown',
    access: 'admin',
    summary: 'Stop the hub; `keep` leaves the terminals running for the next start.',
    body: z.strictObject({ keep: z.boolean().optional() }),
    response: z.object({ stopping: z.literal(true), terminals: z.array(z.string()) }),
    whenDegraded: true,
  }),
} as const;

export type Routes = typeof routes;
export type RouteName = keyof Routes;
export type RouteInput<N extends RouteName> = {
  params: z.infer<Routes[N]['params']>;
  query: z.infer<Routes[N]['query']>;
  body: z.infer<Routes[N]['body']>;
};
export type RouteResponse<N extends RouteName> = z.infer<Routes[N]['response']>;

/** Path of the client WebSocket (I8). */
export const socketPath = '/ws';
/** Close code after one `error` event when the credential is bad (I9). */
export const socketCloseUnauthorized = 4401;
/** Close code when the device was revoked (I14). */
export const socketCloseRevoked = 4403;

/** Version of this contract; the hub also accepts the one before. */
export const protocolVersion = 1;
