/** Messages as models read them, in and out of the store; bytes of attachments stay beside it, once. */
import type { AgentMessage, ModelAttachment } from '@navisai/agent';
import { type Content, NavisError } from '@navisai/protocol';
import type { KeptMessage } from '@navisai/store';
import type { Contents } from './contents.ts';

/** What the body of a kept message is. */
export type KeptBody = { message: StoredMessage } | { messages: StoredMessage[] };
export type StoredMessage = Exclude<AgentMessage, { role: 'user' }> | StoredUserMessage;
interface StoredUserMessage extends Omit<Extract<AgentMessage, { role: 'user' }>, 'attachments'> {
  attachments?: (ModelAttachment | { contentId: string })[];
}

export interface AgentMessages {
  bodyOf(message: AgentMessage): KeptBody;
  contextBodyOf(messages: readonly AgentMessage[]): KeptBody;
  read(kept: readonly KeptMessage[]): Promise<AgentMessage[]>;
}

/** A person's message, before its files are read. */
export const personBody = (text: string, attachments: readonly Pick<Content, 'id'>[]): KeptBody => ({
  message: {
    role: 'user',
    text,
    ...(attachments.length === 0 ? {} : { attachments: attachments.map(({ id }) => ({ contentId: id })) }),
  },
});

/** For the model, which would miss what the words are about. */
const missingFile = '[A file that was attached here is not there any more.]';

export const createAgentMessages = (contents: Contents): AgentMessages => {
  /** Which file an attachment was read from. */
  const origins = new WeakMap<ModelAttachment, string>();

  const toStored = (message: AgentMessage): StoredMessage => {
    if (message.role !== 'user' || message.attachments === undefined) return message as StoredMessage;
    const attachments = message.attachments.map((attachment) => {
      const contentId = origins.get(attachment);
      return contentId === undefined ? attachment : { contentId };
    });
    return { ...message, attachments };
  };

  const readContent = async (sessionId: string, contentId: string): Promise<ModelAttachment | undefined> => {
    try {
      const { content, bytes } = await contents.read(sessionId, contentId);
      const attachment = { name: content.name, mediaType: content.mediaType, data: bytes.toString('base64') };
      origins.set(attachment, contentId);
      return attachment;
    } catch (error) {
      if (error instanceof NavisError && error.code === 'NOT_FOUND') return undefined;
      throw error;
    }
  };

  const fromStored = async (sessionId: string, message: StoredMessage): Promise<AgentMessage> => {
    if (message.role !== 'user' || message.attachments === undefined) return message as AgentMessage;
    const read = await Promise.all(
      message.attachments.map((one) => ('contentId' in one ? readContent(sessionId, one.contentId) : one)),
    );
    const attachments = read.filter((one) => one !== undefined);
    const text = attachments.length === read.length ? message.text : `${message.text}\n\n${missingFile}`;
    return { ...message, text, attachments };
  };

  return {
    bodyOf: (message) => ({ message: toStored(message) }),
    contextBodyOf: (messages) => ({ messages: messages.map(toStored) }),
    read: (kept) =>
      Promise.all(
        kept.flatMap(({ body, sessionId }) => {
          const given = body as KeptBody;
          const messages = 'messages' in given ? given.messages : [given.message];
          return messages.map((message) => fromStored(sessionId, message));
        }),
      ),
  };
};
