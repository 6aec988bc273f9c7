/** Files that go with the next message: picked, pasted or dropped; sent when the message is. */
import type { Api } from '@navisai/client';
import { encodeBase64, maxAttachments } from '@navisai/protocol';

export interface PendingFile {
  readonly id: number;
  readonly file: File;
}

/** What the hub takes. */
export const maxFileBytes = 5 * 1024 * 1024;

export class Attachments {
  #list: readonly PendingFile[] = $state.raw([]);
  #nextId = 1;
  /** Ids of what the hub has already, by session, should the message fail. */
  readonly #sent = new Map<string, string>();

  get list(): readonly PendingFile[] {
    return this.#list;
  }

  /** Answers what was left out, and why. */
  add(files: Iterable<File>): string | undefined {
    let problem: string | undefined;
    for (const file of files) {
      if (file.size > maxFileBytes) problem = `${file.name} is larger than 5 MiB.`;
      else if (this.#list.length >= maxAttachments) problem = `A message takes ${maxAttachments} files.`;
      else this.#list = [...this.#list, { id: this.#nextId++, file }];
    }
    return problem;
  }

  remove(id: number): void {
    this.#list = this.#list.filter((one) => one.id !== id);
  }

  clear(): void {
    this.#list = [];
    this.#sent.clear();
  }

  /** Hands them to the hub; what it has already is not sent twice. */
  async send(api: Api, sessionId: string): Promise<string[]> {
    for (const { id, file } of this.#list) {
      const key = sentKey(sessionId, id);
      if (!this.#sent.has(key)) this.#sent.set(key, await attach(api, sessionId, file));
    }
    return this.sentTo(sessionId);
  }

  /** What the hub has of them, in their order. */
  sentTo(sessionId: string): string[] {
    return this.#list.flatMap(({ id }) => this.#sent.get(sentKey(sessionId, id)) ?? []);
  }
}

const sentKey = (sessionId: string, id: number): string => `${sessionId}/${id}`;

const attach = async (api: Api, sessionId: string, file: File): Promise<string> => {
  const data = encodeBase64(new Uint8Array(await file.arrayBuffer()));
  const mediaType = /^[\w.+-]{1,60}\/[\w.+-]{1,60}$/.test(file.type) ? file.type : 'application/octet-stream';
  const name = file.name.trim().slice(0, 255) || 'file';
  return (await api.attach({ params: { id: sessionId }, body: { name, mediaType, data } })).id;
};
