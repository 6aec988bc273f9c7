/** Push notifications: how a device is reached, and what it is told (A2). */
import { z } from 'zod';
import { riskSchema } from './approval-entities.ts';
import { approvalIdSchema, recallIdSchema } from './ids.ts';

const base64url = (bytes: { min: number; max: number }, meaning: string) =>
  z
    .string()
    .regex(/^[A-Za-z0-9_-]+={0,2}$/, meaning)
    .min(Math.floor((bytes.min * 4) / 3))
    .max(Math.ceil((bytes.max * 4) / 3) + 2);

/** As a browser's PushManager tells it. */
export const pushSubscriptionSchema = z.strictObject({
  endpoint: z.url({ protocol: /^https$/, error: 'must be an https address' }).max(2000),
  keys: z.strictObject({
    p256dh: base64url({ min: 65, max: 65 }, 'must be a P-256 key'),
    auth: base64url({ min: 16, max: 16 }, 'must have 16 bytes'),
  }),
});
export type PushSubscriptionInfo = z.infer<typeof pushSubscriptionSchema>;

/** Bytes of one message; push services take 4 KiB with what encryption adds. */
export const maxPushBytes = 3 * 1024;

/** What travels, encrypted for the browser; nothing secret is in it. */
export const pushMessageSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('approval'),
    approvalId: approvalIdSchema,
    approvalKind: z.enum(['call', 'pairing']),
    title: z.string(),
    summary: z.string(),
    risk: riskSchema.nullable(),
    /** `summary` is everything that is to be known for a decision: the whole text that would run. */
    isWhole: z.boolean(),
  }),
  /** Somebody decided, or nobody in time: the notification goes away. */
  z.object({ kind: z.literal('settled'), approvalId: approvalIdSchema, title: z.string(), summary: z.string() }),
  z.object({ kind: z.literal('recall'), recallId: recallIdSchema, title: z.string(), summary: z.string() }),
]);
export type PushMessage = z.infer<typeof pushMessageSchema>;
