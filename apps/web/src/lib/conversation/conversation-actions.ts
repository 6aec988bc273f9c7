/** What a person does with a conversation. */
import { goto } from '$app/navigation';
import type { Hub } from '../hub/hub.svelte.ts';
import type { Notices } from '../notices/notices.svelte.ts';
import type { ConversationActions } from './conversation-context.ts';
import { saveFile } from './save-file.ts';
import { Unsent } from './unsent.ts';

export interface PageActions extends ConversationActions {
  close: () => Promise<void>;
  export: () => Promise<void>;
}

export const createActions = (given: { hub: Hub; notices: Notices; sessionId: string }): PageActions => {
  const { hub, notices, sessionId } = given;
  const params = { id: sessionId };
  const unsent = new Unsent();
  return {
    resend: async ({ messageId: replaces, attachments: files }, text) => {
      const attachments = files.map(({ id }) => id);
      const messageId = unsent.idFor({ sessionId, text, attachments, replaces });
      const body = { messageId, text, replaces, ...(attachments.length > 0 ? { attachments } : {}) };
      await hub.api.sendMessage({ params, body });
      unsent.clear();
    },
    fork: async (messageId) => {
      const body = messageId === undefined ? {} : { before: messageId };
      const { id } = await hub.api.forkSession({ params, body });
      await goto(`/c/${id}`);
    },
    continueRun: async () => {
      await hub.api.continueRun({ params });
    },
    copy: (text) => {
      navigator.clipboard.writeText(text).then(
        () => notices.show({ tone: 'good', text: 'Copied.' }),
        () => notices.show({ tone: 'bad', text: 'This browser does not let pages copy.' }),
      );
    },
    close: async () => {
      await hub.api.closeSession({ params });
      await goto('/c');
    },
    export: async () => {
      const markdown = await hub.api.exportSession({ params });
      const title = hub.sessions.find(({ id }) => id === sessionId)?.title ?? 'conversation';
      saveFile({ name: `${title.slice(0, 80)}.md`, bytes: new TextEncoder().encode(markdown) });
    },
  };
};
