/** Bytes of one stream on a socket: binary frames, or text of whole characters; at once, and together while the socket is full. */
import type { BinaryFrame } from '@navisai/protocol';
import type { Outlet } from './outlet.ts';
import { Utf8Stream } from './utf8-stream.ts';
import type { TextPiece } from './utf8-stream.ts';

export interface ByteChunk {
  offset: number;
  bytes: Uint8Array;
}

export interface ByteFormat {
  frame: (chunk: ByteChunk) => BinaryFrame;
  text: (piece: TextPiece) => void;
}

/** While more than this is unsent, what comes is gathered; the stream's credit bounds it. */
const gatherAboveBytes = 64 * 1024;

export class ByteOutlet {
  readonly #outlet: Outlet;
  readonly #format: ByteFormat;
  readonly #text = new Utf8Stream();
  #gathered: ByteChunk[] = [];
  #isOver = false;

  constructor(outlet: Outlet, format: ByteFormat) {
    this.#outlet = outlet;
    this.#format = format;
  }

  /** Chunks follow each other without gap, except after `flush`. */
  push(chunk: ByteChunk): void {
    if (this.#gathered.length > 0) {
      this.#gathered.push(chunk);
    } else if (this.#outlet.unsentBytes > gatherAboveBytes) {
      this.#gathered.push(chunk);
      this.#outlet.whenBelow(gatherAboveBytes, this.#sendGathered);
    } else {
      this.#send(chunk);
    }
  }

  /** Everything up to here must leave before what is told next; an unfinished character stays for its other half. */
  flushWhole(): void {
    this.#sendGathered();
  }

  /** As `flushWhole`, and the stream does not continue here: an unfinished character is repaired. */
  flush(): void {
    this.#sendGathered();
    const rest = this.#text.flush();
    if (rest !== undefined && !this.#isOver) this.#format.text(rest);
  }

  close(): void {
    this.#isOver = true;
    this.#gathered = [];
  }

  readonly #sendGathered = (): void => {
    const [first, ...others] = this.#gathered;
    this.#gathered = [];
    if (first === undefined || this.#isOver) return;
    this.#send(others.length === 0 ? first : joined(first, others));
  };

  #send(chunk: ByteChunk): void {
    if (this.#outlet.isBinary) {
      this.#outlet.sendBytes(this.#format.frame(chunk));
      return;
    }
    const piece = this.#text.push(chunk);
    if (piece !== undefined) this.#format.text(piece);
  }
}

const joined = (first: ByteChunk, others: ByteChunk[]): ByteChunk => ({
  offset: first.offset,
  bytes: Buffer.concat([first.bytes, ...others.map((chunk) => chunk.bytes)]),
});
