/** Approvals: durable questions to the person, what they are about, and how one is granted (A1, A2, N12). */
import { z } from 'zod';
import {
  approvalIdSchema,
  callIdSchema,
  nodeIdSchema,
  pairingIdSchema,
  ruleIdSchema,
  runIdSchema,
  sessionIdSchema,
} from './ids.ts';
import { deviceKindSchema, scopeSchema } from './device-entities.ts';
import { maxPathLength } from './limits.ts';
import { policyDecisionSchema } from './node-policy.ts';
import { timestampSchema } from './time.ts';

export const approvalStateSchema = z.enum(['pending', 'approved', 'rejected', 'expired']);

/** A1: `never` asks, asks for what is `risky` (default), asks `always`. */
export const approvalsModeSchema = z.enum(['never', 'risky', 'always']);
export type ApprovalsMode = z.infer<typeof approvalsModeSchema>;

/** What a call may do, by its analysed command, from harmless to grave; what cannot be told counts as `unknown`. */
export const riskSchema = z.enum(['reading', 'changing', 'network', 'unknown', 'privilege', 'destruction']);
export type Risk = z.infer<typeof riskSchema>;

/** Who wants to act. */
export const requesterSchema = z.object({
  kind: z.enum(['agent', 'sub_agent', 'recall', 'mcp', 'acp']),
  /** Such as the profile, the recall's name, the token's name or the ACP agent. */
  name: z.string().max(200),
});
export type Requester = z.infer<typeof requesterSchema>;

/** The exact call that a once-approval binds: not a byte of it may differ where it runs (N12). */
export const boundCallSchema = z.strictObject({
  callId: callIdSchema,
  sessionId: sessionIdSchema,
  userId: z.string().min(1).max(128),
  nodeId: nodeIdSchema,
  tool: z.string().min(1).max(64),
  /** As the tool gets them: command text, directory, terminal and input are in here. */
  arguments: z.unknown(),
});
export type BoundCall = z.infer<typeof boundCallSchema>;

/** Which calls a grant or rule is about; every part that is there must match. */
export const callMatcherSchema = z.strictObject({
  /** Tools, or `tool.action` such as `filesystem.write`. */
  tools: z
    .array(z.string().regex(/^[a-z_]{1,64}(\.[a-z_]{1,64})?$/, 'not the name of a tool'))
    .min(1)
    .max(50),
  /** The command text, exactly. */
  command: z
    .string()
    .max(100 * 1024)
    .optional(),
  /** Every simple command of the line begins with the words of one of these, such as `npm test` or `git`. */
  commandPrefixes: z.array(z.string().min(1).max(500)).min(1).max(50).optional(),
  /** Working directory and every path of the call lie in one of these. */
  directories: z.array(z.string().min(1).max(maxPathLength)).min(1).max(50).optional(),
  /** The gravest risk that is still covered; default: that of the call it was made for. */
  maxRisk: riskSchema.optional(),
});
export type CallMatcher = z.infer<typeof callMatcherSchema>;

/** A standing decision of the person: for a session, or until it expires. */
export const ruleSchema = z.object({
  id: ruleIdSchema,
  effect: z.enum(['allow', 'ask', 'deny']),
  matcher: callMatcherSchema,
  /** Null: everywhere. */
  nodes: z.array(nodeIdSchema).max(100).nullable(),
  /** Null: in every session of the user. */
  sessionId: sessionIdSchema.nullable(),
  userId: z.string(),
  description: z.string().max(500),
  createdAt: timestampSchema,
  /** Null: until it is removed. */
  expiresAt: timestampSchema.nullable(),
  /** Device that signed it. */
  createdBy: z.string(),
});
export type Rule = z.infer<typeof ruleSchema>;

/** I14: what the person sees when a client asks to be paired. */
export const pairingDetailSchema = z.object({
  pairingId: pairingIdSchema,
  deviceName: z.string(),
  deviceKind: deviceKindSchema,
  /** Six digits, shown on the client as well. */
  shortCode: z.string(),
  requestedScope: scopeSchema,
  peer: z.string(),
  /** Raw Ed25519, base64url: the approving device signs it (N12). Hubs of before do not tell. */
  publicKey: z.string().optional(),
  /** The id that the device will have. */
  deviceId: z.string().optional(),
});

/** A1, A2: what the person sees when something wants to act. */
export const callDetailSchema = z.object({
  call: boundCallSchema,
  runId: runIdSchema.nullable(),
  requester: requesterSchema,
  /** In a line. */
  summary: z.string().max(500),
  /** The text that runs, whole. */
  text: z.string(),
  workingDirectory: z.string().nullable(),
  nodeName: z.string(),
  risk: riskSchema,
  /** Why it asks: parts of the text with what they may do. */
  reasons: z.array(z.object({ text: z.string(), reason: z.string() })).max(100),
  /** The rule that asked, and its trace. */
  decision: policyDecisionSchema,
  /** It would run outside of the sandbox that hides Navis's own state (A7). */
  isUnmasked: z.boolean(),
  /** What `session` and `rule` would allow from then on. */
  proposed: callMatcherSchema.nullable(),
  /** Set where nothing isolates the call from this host: the CLI of the hub's machine may not decide (A7). */
  needsOtherDevice: z.boolean(),
});

/** `once` binds the exact call; `session` and `rule` make a rule. */
export const grantScopeSchema = z.enum(['once', 'session', 'rule']);
export type GrantScope = z.infer<typeof grantScopeSchema>;

const common = {
  id: approvalIdSchema,
  state: approvalStateSchema,
  title: z.string(),
  createdAt: timestampSchema,
  expiresAt: timestampSchema,
  decidedAt: timestampSchema.nullable(),
  /** Device id of who decided. */
  decidedBy: z.string().nullable(),
  /** How it was granted; null while it is not approved. */
  grant: grantScopeSchema.nullable().optional(),
  /** What the person said to whoever asked. */
  comment: z.string().max(2000).nullable().optional(),
};
export const approvalSchema = z.discriminatedUnion('kind', [
  z.object({ ...common, kind: z.literal('pairing'), detail: pairingDetailSchema }),
  z.object({ ...common, kind: z.literal('call'), detail: callDetailSchema }),
]);
export type Approval = z.infer<typeof approvalSchema>;
export type ApprovalOf<K extends Approval['kind']> = Extract<Approval, { kind: K }>;
