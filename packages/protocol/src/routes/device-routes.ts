/** Routes about devices and how they are paired (I14). */
import { z } from 'zod';
import { publicKeySchema } from '../credential.ts';
import { approvalStateSchema } from '../approval-entities.ts';
import { deviceKindSchema, deviceSchema, scopeSchema } from '../device-entities.ts';
import { deviceIdSchema, pairingIdSchema } from '../ids.ts';
import { timestampSchema } from '../time.ts';
import { route } from './route.ts';

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

export const deviceRoutes = {
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
} as const;
