/** A map that is never changed: another entry makes another table, which shares nearly everything with the one before. */

const bucketCount = 256;

export class ConversationTable<T> {
  readonly #buckets: readonly (ReadonlyMap<string, T> | undefined)[];

  constructor(buckets: readonly (ReadonlyMap<string, T> | undefined)[] = Array.from({ length: bucketCount })) {
    this.#buckets = buckets;
  }

  get(key: string): T | undefined {
    return this.#buckets[bucketOf(key)]?.get(key);
  }

  /** Costs the same however long the conversation is, as far as a conversation goes. */
  with(key: string, value: T): ConversationTable<T> {
    const index = bucketOf(key);
    const bucket = new Map(this.#buckets[index]);
    bucket.set(key, value);
    return new ConversationTable(this.#buckets.with(index, bucket));
  }

  *values(): Generator<T> {
    for (const bucket of this.#buckets) if (bucket !== undefined) yield* bucket.values();
  }
}

/** FNV-1a over the end of the key: its beginning is the same for all parts of a stream. */
const bucketOf = (key: string): number => {
  let hash = 0x811c9dc5;
  for (let at = Math.max(0, key.length - 16); at < key.length; at += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  }
  return (hash ^ (hash >>> 8)) & (bucketCount - 1);
};
