/** Routes about push notifications (A2). */
import { z } from 'zod';
import { pushSubscriptionSchema } from '../push-entities.ts';
import { route } from './route.ts';

export const pushRoutes = {
  pushKey: route({
    method: 'GET',
    path: '/push/key',
    access: 'viewer',
    summary: 'The key that a browser subscribes with, and whether this device is subscribed.',
    response: z.object({ publicKey: z.string(), isSubscribed: z.boolean() }),
  }),
  subscribeToPush: route({
    method: 'PUT',
    path: '/push/subscription',
    access: 'viewer',
    summary: 'Send notifications to this device by the push service of its browser.',
    body: pushSubscriptionSchema,
  }),
  unsubscribeFromPush: route({
    method: 'DELETE',
    path: '/push/subscription',
    access: 'viewer',
    summary: 'Send no more notifications to this device.',
  }),
} as const;
