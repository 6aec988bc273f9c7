/** Binary WebSocket frames of the subprotocol `navis.v1.binary`: kind, channel, offset, bytes. */
import { NavisError } from './errors.ts';

export const binarySubprotocol = 'navis.v1.binary';
export const textSubprotocol = 'navis.v1';

/** kind u8, channel u32, offset u64; big-endian. */
export const binaryHeaderBytes = 13;

/** `output` and `stderr` travel to the client, `input` to the hub (its offset is 0). */
export const binaryKinds = { output: 1, input: 2, stderr: 3 } as const;
export type BinaryKind = keyof typeof binaryKinds;

export interface BinaryFrame {
  kind: BinaryKind;
  channel: number;
  offset: number;
  bytes: Uint8Array;
}

export const encodeBinaryFrame = (frame: BinaryFrame): Uint8Array<ArrayBuffer> => {
  const encoded = new Uint8Array(binaryHeaderBytes + frame.bytes.length);
  const view = new DataView(encoded.buffer);
  view.setUint8(0, binaryKinds[frame.kind]);
  view.setUint32(1, frame.channel);
  view.setBigUint64(5, BigInt(frame.offset));
  encoded.set(frame.bytes, binaryHeaderBytes);
  return encoded;
};

/** The frame's bytes are a view of `encoded`. Throws NavisError INVALID_REQUEST on a malformed frame. */
export const decodeBinaryFrame = (encoded: Uint8Array): BinaryFrame => {
  if (encoded.length < binaryHeaderBytes)
    throw new NavisError('INVALID_REQUEST', 'The binary frame is shorter than its header.');
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  const kind = kindOf(view.getUint8(0));
  const offset = view.getBigUint64(5);
  if (kind === undefined) throw new NavisError('INVALID_REQUEST', 'The binary frame is of no known kind.');
  if (offset > BigInt(Number.MAX_SAFE_INTEGER))
    throw new NavisError('INVALID_REQUEST', "The binary frame's offset is out of range.");
  return { kind, channel: view.getUint32(1), offset: Number(offset), bytes: encoded.subarray(binaryHeaderBytes) };
};

const kindOf = (code: number): BinaryKind | undefined => {
  switch (code) {
    case binaryKinds.output:
      return 'output';
    case binaryKinds.input:
      return 'input';
    case binaryKinds.stderr:
      return 'stderr';
    default:
      return undefined;
  }
};
