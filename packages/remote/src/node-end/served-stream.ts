/** What waits to leave on one channel, in order: bytes that follow each other become one frame. */
import { encodeOutputFrame } from '@navisai/protocol';
import type { NodeFrame } from '@navisai/protocol';
import type { Frame } from '@navisai/link';
import type { Outbox, OutputSource } from './outbox.ts';

interface Chunk {
  kind: 'output' | 'stderr';
  offset: number;
  bytes: Uint8Array;
}

type Item = Chunk | { frame: Frame };

/** Bounded by the credit of its reader: the machine delivers no more than that. */
export class ServedStream implements OutputSource {
  readonly channel: number;
  readonly #outbox: Outbox;
  #items: Item[] = [];
  /** Of the first chunk, what has left. */
  #taken = 0;
  #waitingBytes = 0;
  #isClosed = false;

  constructor(channel: number, outbox: Outbox) {
    this.channel = channel;
    this.#outbox = outbox;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get hasMore(): boolean {
    return this.#items.length > 0;
  }

  output(chunk: Chunk): void {
    if (chunk.bytes.length > 0) this.#add(chunk);
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Behind the output that came before. */
  tell(frame: NodeFrame): void {
    this.#add({ frame: JSON.stringify(frame) });
  }

  tellEncoded(frame: Frame): void {
    this.#add({ frame });
  }

  close(): void {
    this.#isClosed = true;
    this.#items = [];
    this.#outbox.withdraw(this);
  }

  take(maxBytes: number): Frame | undefined {
    const first = this.#items[0];
    if (first === undefined) return undefined;
    if ('frame' in first) {
      this.#items.shift();
      this.#waitingBytes -= first.frame.length;
      return first.frame;
    }
    const start = first.offset + this.#taken;
    const pieces: Uint8Array[] = [];
    let end = start;
    let used = 0;
    for (const item of this.#items) {
      if ('frame' in item || item.kind !== first.kind || item.offset > end || end - start >= maxBytes) break;
      const piece = item.bytes.subarray(this.#taken, this.#taken + maxBytes - (end - start));
      pieces.push(piece);
      end += piece.length;
      this.#taken += piece.length;
      if (this.#taken < item.bytes.length) break;
      this.#taken = 0;
      used += 1;
    }
    this.#items.splice(0, used);
    this.#waitingBytes -= end - start;
    return encodeOutputFrame({ kind: first.kind, channel: this.channel, offset: start }, pieces);
  }

  #add(item: Item): void {
    if (this.#isClosed) return;
    this.#items.push(item);
    this.#waitingBytes += 'frame' in item ? item.frame.length : item.bytes.length;
    this.#outbox.offer(this);
  }
}
