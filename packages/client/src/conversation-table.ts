/** A map that is never changed: another entry makes another table, which shares nearly everything with the one before. */

/** Two levels of 16 places each, then a few entries: what is copied for a change stays small. */
const width = 16;
type Bucket<T> = ReadonlyMap<string, T>;
type Group<T> = readonly (Bucket<T> | undefined)[];

export class ConversationTable<T> {
  readonly #groups: readonly (Group<T> | undefined)[];

  constructor(groups: readonly (Group<T> | undefined)[] = empty()) {
    this.#groups = groups;
  }

  get(key: string): T | undefined {
    const hash = hashOf(key);
    return this.#groups[hash >>> 4]?.[hash & 15]?.get(key);
  }

  /** Costs the same however long the conversation is, as far as a conversation goes. */
  with(key: string, value: T): ConversationTable<T> {
    const hash = hashOf(key);
    const groups = [...this.#groups];
    const group = [...(groups[hash >>> 4] ?? empty<Bucket<T>>())];
    group[hash & 15] = new Map(group[hash & 15]).set(key, value);
    groups[hash >>> 4] = group;
    return new ConversationTable(groups);
  }
}

const empty = <V>(): (V | undefined)[] => Array.from({ length: width }, () => undefined);

/** Of 0 to 255: FNV-1a over the end of the key, since its beginning is the same for all parts of a stream. */
const hashOf = (key: string): number => {
  let hash = 0x811c9dc5;
  for (let at = Math.max(0, key.length - 16); at < key.length; at += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  }
  return (hash ^ (hash >>> 8)) & 255;
};
