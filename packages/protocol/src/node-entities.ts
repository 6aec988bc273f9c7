/** A node as clients see it (N3), and its policy (N12). */
import { z } from 'zod';
import { timestampSchema } from './time.ts';
import { nodeIdSchema } from './ids.ts';
import { nodeNamePattern } from './limits.ts';

/** Such as `role=web`; keys and values are short words. */
export const labelsSchema = z
  .record(z.string().regex(/^[A-Za-z0-9._/-]{1,64}$/, 'not a label key'), z.string().max(64))
  .refine((labels) => Object.keys(labels).length <= 32, 'has more than 32 labels');
export type Labels = z.infer<typeof labelsSchema>;

export const nodeNameSchema = z
  .string()
  .regex(nodeNamePattern, 'must be 1 to 63 characters of A-Z a-z 0-9 . _ - and begin with one of A-Z a-z 0-9');

/** `invited`: its key was not used yet. `left`: its owner took it away, and only a new key brings it back. */
export const nodeStateSchema = z.enum(['invited', 'online', 'offline', 'revoked', 'left']);
export type NodeState = z.infer<typeof nodeStateSchema>;

export const nodePlatformSchema = z.object({
  os: z.string().max(32),
  arch: z.string().max(32),
  release: z.string().max(128),
  hostname: z.string().max(255),
  /** The account that its commands run as. */
  user: z.string().max(128),
  /** What confines commands there: `bubblewrap` or `none`. */
  sandbox: z.enum(['bubblewrap', 'none']),
});
export type NodePlatform = z.infer<typeof nodePlatformSchema>;

export const nodeLoadSchema = z.object({
  at: timestampSchema,
  cpus: z.number().int().min(1),
  /** Runnable processes over the last minute, as the system tells it. */
  load1: z.number().min(0),
  memoryBytes: z.number().int().min(0),
  freeMemoryBytes: z.number().int().min(0),
  /** Seconds since the machine started. */
  uptime: z.number().min(0),
});
export type NodeLoad = z.infer<typeof nodeLoadSchema>;

export const nodeSchema = z.object({
  /** `main` is the hub's own machine. */
  id: nodeIdSchema,
  name: nodeNameSchema,
  labels: labelsSchema,
  state: nodeStateSchema,
  /** Takes no new work. */
  draining: z.boolean(),
  platform: nodePlatformSchema.nullable(),
  /** Of its program. */
  version: z.string().nullable(),
  epoch: z.number().int().min(0),
  createdAt: timestampSchema,
  enrolledAt: timestampSchema.nullable(),
  connectedAt: timestampSchema.nullable(),
  lastSeenAt: timestampSchema.nullable(),
  load: nodeLoadSchema.nullable(),
  terminals: z.number().int().min(0),
  /** A ceiling or an overlay limits what runs there. */
  restricted: z.boolean(),
  /** While `invited`. */
  keyExpiresAt: timestampSchema.nullable(),
});
export type NodeInfo = z.infer<typeof nodeSchema>;

export const nodeChanges = [
  'added',
  'enrolled',
  'renamed',
  'labelled',
  'draining',
  'policy',
  'rekeyed',
  'revoked',
  'left',
  'removed',
  'connected',
  'disconnected',
  'load',
] as const;
