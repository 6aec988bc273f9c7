/** Routes about push notifications (A2). */
import type { Push } from '../agents/push/push.ts';
import type { Handlers } from '../http/handler.types.ts';

export type PushHandlers = Pick<Handlers, 'pushKey' | 'subscribeToPush' | 'unsubscribeFromPush'>;

export const pushHandlers = (push: Push): PushHandlers => ({
  pushKey: async ({ device }) => ({ publicKey: push.publicKey(), isSubscribed: await push.isSubscribed(device) }),
  subscribeToPush: ({ body, device }) => push.subscribe(device, body),
  unsubscribeFromPush: ({ device }) => push.unsubscribe(device),
});
