/** The first and the newest bytes of a stream in memory, each bounded. */

const smallestBuffer = 4096;

export class HeadAndTail {
  readonly #headLimit: number;
  readonly #tailLimit: number;
  #head = Buffer.alloc(0);
  #headLength = 0;
  /** A ring; the byte at offset `o` beyond the head lies at `(o - headLimit) % tailLimit`. */
  #ring: Buffer | null = null;
  #totalBytes = 0;

  constructor(limits: { headBytes: number; tailBytes: number }) {
    this.#headLimit = limits.headBytes;
    this.#tailLimit = limits.tailBytes;
  }

  get totalBytes(): number {
    return this.#totalBytes;
  }

  /** The oldest offset of the tail. */
  get tailFrom(): number {
    return Math.max(this.#headLength, this.#totalBytes - this.#tailLimit);
  }

  append(bytes: Buffer): void {
    const forHead = Math.min(bytes.length, this.#headLimit - this.#headLength);
    if (forHead > 0) this.#appendHead(bytes.subarray(0, forHead));
    // Only the newest part of a large chunk can stay.
    const rest = bytes.subarray(Math.max(forHead, bytes.length - this.#tailLimit));
    this.#totalBytes += bytes.length;
    if (rest.length > 0 && bytes.length > forHead) this.#appendRing(rest, this.#totalBytes - rest.length);
  }

  head(): Buffer {
    return this.#head.subarray(0, this.#headLength);
  }

  tail(): Buffer {
    return this.read(this.tailFrom, this.#tailLimit) ?? Buffer.alloc(0);
  }

  /** Bytes from `offset` on, or `null` when they are not in memory. Never crosses from head to tail. */
  read(offset: number, maxBytes: number): Buffer | null {
    if (offset < this.#headLength) return this.#head.subarray(offset, Math.min(this.#headLength, offset + maxBytes));
    if (offset < this.tailFrom) return null;
    const length = Math.min(maxBytes, this.#totalBytes - offset);
    if (this.#ring === null || length <= 0) return Buffer.alloc(0);
    const at = (offset - this.#headLimit) % this.#tailLimit;
    const first = this.#ring.subarray(at, Math.min(this.#tailLimit, at + length));
    return Buffer.concat([first, this.#ring.subarray(0, length - first.length)]);
  }

  #appendHead(bytes: Buffer): void {
    const needed = this.#headLength + bytes.length;
    if (needed > this.#head.length) {
      const grown = Buffer.allocUnsafe(
        Math.min(this.#headLimit, Math.max(smallestBuffer, needed, this.#head.length * 2)),
      );
      this.#head.copy(grown, 0, 0, this.#headLength);
      this.#head = grown;
    }
    bytes.copy(this.#head, this.#headLength);
    this.#headLength = needed;
  }

  #appendRing(bytes: Buffer, offset: number): void {
    this.#ring ??= Buffer.allocUnsafe(this.#tailLimit);
    const at = (offset - this.#headLimit) % this.#tailLimit;
    const copied = bytes.copy(this.#ring, at);
    bytes.copy(this.#ring, 0, copied);
  }
}
