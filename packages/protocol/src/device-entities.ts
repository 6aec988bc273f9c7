/** Paired clients and what each may do (I14, U1). */
import { z } from 'zod';
import { deviceIdSchema } from './ids.ts';
import { timestampSchema } from './time.ts';

export const scopeSchema = z.enum(['viewer', 'operator', 'admin']);
export type Scope = z.infer<typeof scopeSchema>;
const scopeRank: Record<Scope, number> = { viewer: 0, operator: 1, admin: 2 };
export const scopeIncludes = (held: Scope, needed: Scope): boolean => scopeRank[held] >= scopeRank[needed];

export const deviceKindSchema = z.enum(['browser', 'cli', 'host']);
export const deviceSchema = z.object({
  id: deviceIdSchema,
  name: z.string(),
  /** `host` is the CLI of the hub's own machine. */
  kind: deviceKindSchema,
  userId: z.string(),
  scope: scopeSchema,
  createdAt: timestampSchema,
  lastSeenAt: timestampSchema.nullable(),
  revokedAt: timestampSchema.nullable(),
});
export type Device = z.infer<typeof deviceSchema>;
