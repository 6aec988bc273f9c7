/** Cuts a byte stream into pieces of whole characters with exact raw offsets (T17): invalid bytes are repaired, never lost. */

export interface TextPiece {
  /** Raw bytes [offset, nextOffset) are what `text` shows. */
  offset: number;
  nextOffset: number;
  text: string;
}

/** An unfinished character has at most three bytes. */
const maxUnfinishedBytes = 3;

export class Utf8Stream {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #held: Uint8Array = new Uint8Array();
  #heldOffset = 0;

  /** Chunks must follow each other without gap. `undefined` when nothing is whole yet. */
  push(chunk: { offset: number; bytes: Uint8Array }): TextPiece | undefined {
    const offset = this.#held.length === 0 ? chunk.offset : this.#heldOffset;
    const bytes = this.#held.length === 0 ? chunk.bytes : joined(this.#held, chunk.bytes);
    const whole = bytes.length - unfinishedTail(bytes);
    this.#held = bytes.slice(whole);
    this.#heldOffset = offset + whole;
    return whole === 0 ? undefined : this.#piece(offset, bytes.subarray(0, whole));
  }

  /** No more bytes follow here: what is unfinished is repaired. */
  flush(): TextPiece | undefined {
    const held = this.#held;
    this.#held = new Uint8Array();
    return held.length === 0 ? undefined : this.#piece(this.#heldOffset, held);
  }

  #piece(offset: number, bytes: Uint8Array): TextPiece {
    return { offset, nextOffset: offset + bytes.length, text: this.#decoder.decode(bytes) };
  }
}

const joined = (a: Uint8Array, b: Uint8Array): Uint8Array => {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
};

/** How many bytes at the end are the valid beginning of a character that is not complete. */
const unfinishedTail = (bytes: Uint8Array): number => {
  for (let length = 1; length <= Math.min(maxUnfinishedBytes, bytes.length); length += 1) {
    const start = bytes.length - length;
    const lead = bytes[start] ?? 0;
    if (lead < 0x80) return 0;
    if (lead < 0xc0) continue;
    return length < sequenceLength(lead) && isValidSecond(lead, bytes[start + 1]) ? length : 0;
  }
  return 0;
};

/** 1 for what can begin no character. */
const sequenceLength = (lead: number): number => {
  if (lead < 0xc2 || lead > 0xf4) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
};

/** Some leads narrow their second byte: no overlong forms, no surrogates, nothing above U+10FFFF. */
const isValidSecond = (lead: number, second: number | undefined): boolean => {
  if (second === undefined) return true;
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  return second >= low && second <= high;
};
