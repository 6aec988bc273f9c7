/** Paired clients (I14). */
import { z } from 'zod';
import { deviceIdSchema } from './ids.ts';
import { scopes } from './scope.ts';
import { timestampSchema } from './time.ts';

export const scopeSchema = z.enum(scopes);

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
