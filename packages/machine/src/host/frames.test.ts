import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeData, encodeMessage, FrameDecoder, FrameError, maxHostFrameBytes, type Frame } from './frames.ts';

const bytes = fc.uint8Array({ maxLength: 20_000 }).map((array) => Buffer.from(array));
const frame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ kind: fc.constant('message' as const), message: fc.jsonValue({ depthSize: 'small' }), payload: bytes }),
  fc.record({
    kind: fc.constant('data' as const),
    channel: fc.nat({ max: 2 ** 32 - 1 }),
    offset: fc.maxSafeNat(),
    bytes,
  }),
);

const encode = (one: Frame): Uint8Array[] =>
  one.kind === 'data' ? encodeData(one) : encodeMessage(one.message, one.payload);

const inPieces = (whole: Buffer, sizes: number[]): Buffer[] => {
  const pieces: Buffer[] = [];
  for (let at = 0, index = 0; at < whole.length; index += 1) {
    const size = sizes.length === 0 ? whole.length : (sizes[index % sizes.length] ?? 1);
    pieces.push(whole.subarray(at, at + size));
    at += size;
  }
  return pieces;
};

test('frames cut at any place come out as they went in', () => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 9000 })), (frames, sizes) => {
      const decoder = new FrameDecoder(maxHostFrameBytes);
      const whole = Buffer.concat(frames.flatMap(encode));
      const decoded = inPieces(whole, sizes).flatMap((piece) => [...decoder.push(piece)]);
      expect(decoded.length).toBe(frames.length);
      for (const [index, one] of frames.entries()) expectSame(decoded[index], one);
    }),
  );
});

const expectSame = (actual: Frame | undefined, expected: Frame): void => {
  if (expected.kind === 'message') {
    expect(actual).toMatchObject({ kind: 'message', message: JSON.parse(JSON.stringify(expected.message)) });
    expect(actual?.kind === 'message' && actual.payload.equals(expected.payload)).toBe(true);
  } else {
    expect(actual).toMatchObject({ kind: 'data', channel: expected.channel, offset: expected.offset });
    expect(actual?.kind === 'data' && actual.bytes.equals(expected.bytes)).toBe(true);
  }
};

test('any bytes either are frames or a FrameError, never anything else', () => {
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 5 }), (pieces) => {
      const decoder = new FrameDecoder(64);
      try {
        for (const piece of pieces) for (const one of decoder.push(piece)) expect(one.kind).toMatch(/message|data/);
      } catch (error) {
        expect(error).toBeInstanceOf(FrameError);
      }
    }),
  );
});

test('a frame beyond its bound is refused by its header alone, in both directions', () => {
  const header = Buffer.alloc(4);
  header.writeUInt32BE(maxHostFrameBytes + 1);
  expect(() => [...new FrameDecoder(maxHostFrameBytes).push(header)]).toThrow(FrameError);
  expect(() => encodeMessage({}, Buffer.alloc(maxHostFrameBytes))).toThrow(FrameError);
});
