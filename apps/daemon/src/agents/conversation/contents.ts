/** Files that were attached by people or published by agents: rows in the store, bytes in `$NAVIS_HOME/contents` (P5, A8). */
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Content, NavisError, newId } from '@navisai/protocol';
import type { StoreFeed, StoreKeeper, StoreWriter } from '@navisai/store';

export interface ContentsParts {
  keeper: StoreKeeper;
  feed: StoreFeed;
  /** Made on first use, 0700. */
  folder: string;
  instanceId: string;
  now: () => number;
}

export interface NewContent {
  /** Another write of the same id takes its place. */
  id?: string;
  sessionId: string;
  name: string;
  mediaType: string;
  bytes: Uint8Array;
}

export interface Contents {
  /** Keeps the bytes; `note` keeps that they are there. */
  write(content: NewContent): Promise<Content>;
  /** Answers false when that is kept already. */
  note(writer: StoreWriter, content: Content): Promise<boolean>;
  /** Both. */
  keep(content: NewContent): Promise<Content>;
  /** Rejects NavisError NOT_FOUND. */
  find(sessionId: string, id: string): Promise<Content>;
  read(sessionId: string, id: string): Promise<{ content: Content; bytes: Buffer }>;
}

/** Of one file: what a model may be shown, and a person may open. */
export const maxAttachmentBytes = 5 * 1024 * 1024;
/** Of all files of one conversation: an agent that publishes without end does not fill the disk. */
export const maxConversationBytes = 1024 * 1024 * 1024;

export const createContents = ({ keeper, feed, folder, instanceId, now }: ContentsParts): Contents => {
  const pathOf = (id: string): string => join(folder, id);

  const requireRoom = async ({ id, sessionId, size }: { id: string; sessionId: string; size: number }) => {
    const others = (await keeper.store.read.conversations.contents(sessionId)).filter((one) => one.id !== id);
    const held = others.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    if (held + size > maxConversationBytes)
      throw new NavisError(
        'PAYLOAD_TOO_LARGE',
        `The files of one conversation have at most ${maxConversationBytes / 1024 / 1024} MiB together. This one was not kept; begin another conversation for it.`,
      );
  };

  const write = async (given: NewContent): Promise<Content> => {
    const { id = newId('content'), sessionId, name, mediaType, bytes } = given;
    await requireRoom({ id, sessionId, size: bytes.length });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const temporary = `${pathOf(id)}.${newId('content')}.part`;
    try {
      await using file = await open(temporary, 'wx', 0o600);
      await file.writeFile(bytes);
      await file.sync();
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    await rename(temporary, pathOf(id));
    const createdAt = new Date(now()).toISOString();
    return { id, sessionId, name, mediaType, sizeBytes: bytes.length, createdAt, instanceId };
  };

  const note = (writer: StoreWriter, content: Content): Promise<boolean> => writer.conversations.addContent(content);

  const find = async (sessionId: string, id: string): Promise<Content> => {
    const content = await keeper.store.read.conversations.content(sessionId, id);
    if (content === undefined) throw new NavisError('NOT_FOUND', 'There is no such file in this conversation.');
    return content;
  };

  return {
    write,
    note,
    find,
    async keep(given) {
      const content = await write(given);
      await feed.transaction((writer) => note(writer, content));
      return content;
    },
    async read(sessionId, id) {
      const content = await find(sessionId, id);
      try {
        return { content, bytes: await readFile(pathOf(id)) };
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
        throw new NavisError('NOT_FOUND', `The bytes of ${content.name} are not there any more.`, { cause });
      }
    },
  };
};
