/** The credential that carries a signature: its fields, and how its header is read (I13). */
import { z } from 'zod';
import { deviceIdSchema } from './ids.ts';
import { timestampSchema } from './time.ts';

/** Raw Ed25519 public key (32 bytes), base64url without padding. */
export const publicKeySchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be a raw Ed25519 public key in base64url');

export const credentialSchema = z.strictObject({
  deviceId: deviceIdSchema,
  timestamp: timestampSchema,
  nonce: z.string().regex(/^[A-Za-z0-9_-]{16,64}$/),
  /** Ed25519 over the signed text, strict padded base64. */
  signature: z.string().regex(/^[A-Za-z0-9+/]{86}==$/),
});
export type Credential = z.infer<typeof credentialSchema>;

const headerPattern = /^Navis deviceId="([^"]*)",timestamp="([^"]*)",nonce="([^"]*)",signature="([^"]*)"$/;

/** `undefined` unless the header has exactly the form of `formatAuthorization`. */
export const parseAuthorization = (header: string): Credential | undefined => {
  const match = header.length > 600 ? null : headerPattern.exec(header);
  if (match === null) return undefined;
  const [, deviceId, timestamp, nonce, signature] = match;
  return credentialSchema.safeParse({ deviceId, timestamp, nonce, signature }).data;
};
