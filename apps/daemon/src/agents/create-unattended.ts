/** Puts together what happens while nobody looks: recalls, and the notifications that bring a person back (A2, A5). */
import { createPush, type CreatePushParts } from './push/create-push.ts';
import type { Push } from './push/push.ts';
import { createRecalls, type CreateRecallsParts } from './recalls/create-recalls.ts';
import type { Recalls } from './recalls/recalls.ts';

export interface Unattended {
  recalls: Recalls;
  push: Push;
}

export const createUnattended = (parts: CreateRecallsParts & CreatePushParts): Unattended => {
  const recalls = createRecalls(parts);
  const push = createPush(parts);
  recalls.onAlarm((alarm) => push.tellRecall(alarm));
  return { recalls, push };
};
