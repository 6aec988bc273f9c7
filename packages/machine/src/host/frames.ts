/**
 * Frames of the supervisor protocol, spoken over a Unix socket between the hub process and its hosts.
 *
 *   u32 length of what follows | u8 kind | body                  (big-endian)
 *   kind 1, message:  u32 length of the JSON | JSON | payload    (requests, answers, events; payload may be empty)
 *   kind 2, data:     u32 channel | u64 offset | bytes           (live output)
 */

export interface MessageFrame {
  kind: 'message';
  message: unknown;
  payload: Buffer;
}

export interface DataFrame {
  kind: 'data';
  channel: number;
  offset: number;
  bytes: Buffer;
}

export type Frame = MessageFrame | DataFrame;

/** The largest frame that is read or written: a screen with its scrollback, a page of history. */
export const maxHostFrameBytes = 16 * 1024 * 1024;
/** Before a peer has proven itself. */
export const maxHandshakeFrameBytes = 4 * 1024;

const messageKind = 1;
const dataKind = 2;
const lengthBytes = 4;
const messageHeaderBytes = lengthBytes + 1 + 4;
const dataHeaderBytes = lengthBytes + 1 + 4 + 8;
/** Smaller frames are copied into one buffer; larger ones are written in two pieces. */
const copyBelowBytes = 8 * 1024;
const empty = Buffer.alloc(0);

/** A frame that breaks the format or its bounds; the connection cannot go on. */
export class FrameError extends Error {}

/** The pieces to write, in order. */
export const encodeMessage = (message: unknown, payload: Uint8Array = empty): Uint8Array[] => {
  const json = Buffer.from(JSON.stringify(message));
  const length = 1 + 4 + json.length + payload.length;
  if (length > maxHostFrameBytes) throw new FrameError(`A message of ${length} bytes is too large.`);
  const head = Buffer.allocUnsafe(messageHeaderBytes + json.length);
  head.writeUInt32BE(length, 0);
  head.writeUInt8(messageKind, 4);
  head.writeUInt32BE(json.length, 5);
  json.copy(head, messageHeaderBytes);
  return payload.length === 0 ? [head] : joinSmall([head, payload]);
};

export const encodeData = ({ channel, offset, bytes }: Omit<DataFrame, 'kind' | 'bytes'> & { bytes: Uint8Array }) => {
  const head = Buffer.allocUnsafe(dataHeaderBytes);
  head.writeUInt32BE(dataHeaderBytes - lengthBytes + bytes.length, 0);
  head.writeUInt8(dataKind, 4);
  head.writeUInt32BE(channel, 5);
  head.writeUInt32BE(Math.floor(offset / 2 ** 32), 9);
  head.writeUInt32BE(offset % 2 ** 32, 13);
  return joinSmall([head, bytes]);
};

/** One piece of all when they are small: a copy costs less than a write of many pieces. */
export const joinSmall = (pieces: Uint8Array[]): Uint8Array[] => {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return length < copyBelowBytes ? [Buffer.concat(pieces, length)] : pieces;
};

/** Cuts a byte stream into frames. Bytes of a frame are views of what was pushed where possible. */
export class FrameDecoder {
  #maxBytes: number;
  #chunks: Buffer[] = [];
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  allow(maxBytes: number): void {
    this.#maxBytes = maxBytes;
  }

  /** Frames that became complete, one by one, so that a changed bound holds from the next one on. Throws FrameError. */
  *push(chunk: Buffer): Generator<Frame> {
    if (chunk.length > 0) {
      this.#chunks.push(chunk);
      this.#length += chunk.length;
    }
    while (this.#length >= lengthBytes) {
      const length = this.#peekLength();
      if (length < 1 || length > this.#maxBytes) throw new FrameError(`A frame of ${length} bytes is not allowed.`);
      if (this.#length < lengthBytes + length) return;
      yield decodeBody(this.#take(lengthBytes + length).subarray(lengthBytes));
    }
  }

  #peekLength(): number {
    const first = this.#chunks[0];
    if (first !== undefined && first.length >= lengthBytes) return first.readUInt32BE(0);
    return Buffer.concat(this.#chunks).readUInt32BE(0);
  }

  #take(length: number): Buffer {
    const first = this.#chunks[0];
    if (first === undefined || first.length < length) {
      this.#chunks = [Buffer.concat(this.#chunks, this.#length)];
      return this.#take(length);
    }
    this.#length -= length;
    if (first.length === length) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(length);
    return first.subarray(0, length);
  }
}

const decodeBody = (body: Buffer): Frame => {
  if (body[0] === messageKind) return decodeMessage(body);
  if (body[0] !== dataKind) throw new FrameError('A frame of an unknown kind.');
  if (body.length < dataHeaderBytes - lengthBytes) throw new FrameError('A data frame shorter than its header.');
  const offset = body.readUInt32BE(5) * 2 ** 32 + body.readUInt32BE(9);
  if (!Number.isSafeInteger(offset)) throw new FrameError('An offset out of range.');
  return { kind: 'data', channel: body.readUInt32BE(1), offset, bytes: body.subarray(dataHeaderBytes - lengthBytes) };
};

const decodeMessage = (body: Buffer): MessageFrame => {
  const bodyHeaderBytes = messageHeaderBytes - lengthBytes;
  const jsonLength = body.length < bodyHeaderBytes ? -1 : body.readUInt32BE(1);
  const payloadAt = bodyHeaderBytes + jsonLength;
  if (jsonLength < 0 || payloadAt > body.length) throw new FrameError('A message frame shorter than it says.');
  try {
    const message: unknown = JSON.parse(body.toString('utf8', bodyHeaderBytes, payloadAt));
    return { kind: 'message', message, payload: body.subarray(payloadAt) };
  } catch (cause) {
    throw new FrameError('A message frame without JSON.', { cause });
  }
};
