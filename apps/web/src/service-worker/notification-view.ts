/** How a message of the hub looks as a notification, and what its buttons may do (A2). */
import { pushMessageSchema } from '@navisai/protocol';
import type { PushMessage } from '@navisai/protocol';

export interface NotificationAction {
  action: 'approve' | 'reject';
  title: string;
}

/** What a notification remembers for the moment that it is pressed. */
export interface NotificationFacts {
  message: PushMessage;
}

export interface NotificationView {
  title: string;
  options: NotificationOptions & { actions: NotificationAction[]; renotify: boolean };
}

const grave: ReadonlySet<string> = new Set(['privilege', 'destruction', 'unknown']);

/** `undefined` for what this version does not know. */
export const parsePush = (text: string): PushMessage | undefined => {
  try {
    return pushMessageSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};

/** What is short, whole and not grave may be approved where it is shown; the rest is read on its page first. */
export const mayApproveHere = (message: PushMessage): boolean =>
  message.kind === 'approval' && message.approvalKind === 'call' && message.isWhole && !grave.has(message.risk ?? '');

export const pathOf = (message: PushMessage, action = ''): string => {
  if (message.kind === 'recall') return '/r';
  const decide = action === '' || message.kind === 'settled' ? '' : `?decide=${action}`;
  return `/approvals/${message.approvalId}${decide}`;
};

export const viewNotification = (message: PushMessage): NotificationView => {
  const isQuestion = message.kind === 'approval';
  const facts: NotificationFacts = { message };
  return {
    title: message.title,
    options: {
      body:
        message.kind === 'approval' && message.risk !== null ? `${message.summary}\n${message.risk}` : message.summary,
      // One place for a question and what became of it.
      tag: message.kind === 'recall' ? message.recallId : message.approvalId,
      icon: '/icons/navis-192.png',
      badge: '/icons/navis-192.png',
      data: facts,
      requireInteraction: isQuestion,
      renotify: isQuestion,
      silent: message.kind === 'settled',
      actions: isQuestion
        ? [
            { action: 'approve', title: mayApproveHere(message) ? 'Approve' : 'Review' },
            { action: 'reject', title: 'Deny' },
          ]
        : [],
    },
  };
};
