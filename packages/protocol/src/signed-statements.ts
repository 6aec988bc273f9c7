/**
 * What devices sign and machines check (N12): enrolments of devices, approvals of one call, rules. The exact text that
 * was signed travels; a verifier parses that text and compares it with what is about to run.
 */
import { z } from 'zod';
import { boundCallSchema, ruleSchema } from './approval-entities.ts';
import { publicKeySchema } from './credential.ts';
import { scopeSchema } from './device-entities.ts';
import { approvalIdSchema, deviceIdSchema } from './ids.ts';
import { timestampSchema } from './time.ts';

const statement = <T extends string, S extends z.ZodRawShape>(type: T, shape: S) =>
  z.strictObject({ statement: z.literal(`navis.${type}.v1`), hubId: z.string().min(1).max(64), ...shape });

/** The owner, or an admin device that chains to the owner, says whose key this is. */
export const enrolmentStatementSchema = statement('enrolment', {
  deviceId: deviceIdSchema,
  publicKey: publicKeySchema,
  scope: scopeSchema,
  userId: z.string().min(1).max(128),
  at: timestampSchema,
});
/** This one call may run until `expiresAt`; a call id runs at most once, so it cannot be replayed. */
export const approvalStatementSchema = statement('approval', {
  approvalId: approvalIdSchema,
  call: boundCallSchema,
  isUnmasked: z.boolean(),
  at: timestampSchema,
  expiresAt: timestampSchema,
});
/** One list holds so many; older ones are known to machines, which forget none. */
export const maxListedRevocations = 4000;
/** The owner says whose signatures count no longer; machines keep every device that any list named. */
export const revocationsStatementSchema = statement('revocations', {
  devices: z.array(deviceIdSchema).max(maxListedRevocations),
  at: timestampSchema,
});
/** Calls that match the rule may run. */
export const ruleStatementSchema = statement('rule', { rule: ruleSchema, at: timestampSchema });

export const statementSchema = z.discriminatedUnion('statement', [
  enrolmentStatementSchema,
  approvalStatementSchema,
  ruleStatementSchema,
  revocationsStatementSchema,
]);
export type Statement = z.infer<typeof statementSchema>;
export type EnrolmentStatement = z.infer<typeof enrolmentStatementSchema>;

/** A text with the Ed25519 signature of a device over its UTF-8 bytes. */
export const signedTextSchema = z.strictObject({
  text: z.string().max(512 * 1024),
  /** Base64. */
  signature: z.string().max(200),
  deviceId: deviceIdSchema,
});
export type SignedText = z.infer<typeof signedTextSchema>;

/** Shows a machine that a person allowed a call: the statement, and enrolments from its signer up to the owner's key. */
export const callAuthoritySchema = z.strictObject({
  signed: signedTextSchema,
  enrolments: z.array(signedTextSchema).max(16),
});
export type CallAuthority = z.infer<typeof callAuthoritySchema>;
