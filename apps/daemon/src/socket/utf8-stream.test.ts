/** The text of terminal output: whole characters, exact offsets, whatever the cuts. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Utf8Stream, type TextPiece } from './utf8-stream.ts';

const cutInto = (bytes: Uint8Array, cuts: number[]): { offset: number; bytes: Uint8Array }[] => {
  const points = [...new Set([0, bytes.length, ...cuts.map((cut) => cut % (bytes.length + 1))])].toSorted(
    (a, b) => a - b,
  );
  return points.slice(1).map((end, index) => {
    const start = points[index] ?? 0;
    return { offset: 1000 + start, bytes: bytes.subarray(start, end) };
  });
};

const piecesOf = (bytes: Uint8Array, cuts: number[]): TextPiece[] => {
  const stream = new Utf8Stream();
  const pieces = cutInto(bytes, cuts).map((chunk) => stream.push(chunk));
  return [...pieces, stream.flush()].filter((piece) => piece !== undefined);
};

const interestingBytes = fc.uint8Array({ maxLength: 60 }).chain((random) =>
  fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => {
    const encoded = new TextEncoder().encode(text);
    return new Uint8Array([...encoded.subarray(0, encoded.length - (random.length % 4)), ...random, ...encoded]);
  }),
);

test('T17: text and offsets are the same wherever the stream is cut, also where bytes are invalid', () => {
  fc.assert(
    fc.property(interestingBytes, fc.array(fc.nat(), { maxLength: 30 }), (bytes, cuts) => {
      const pieces = piecesOf(bytes, cuts);
      expect(pieces.map((piece) => piece.text).join('')).toBe(
        new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes),
      );
      let offset = 1000;
      for (const piece of pieces) {
        expect(piece.offset).toBe(offset);
        expect(piece.nextOffset).toBeGreaterThan(offset);
        offset = piece.nextOffset;
      }
      expect(offset).toBe(1000 + bytes.length);
    }),
    { numRuns: 2000 },
  );
});

test('T17: no piece of valid text ends inside a character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.array(fc.nat(), { maxLength: 40 }), (text, cuts) => {
      const pieces = piecesOf(new TextEncoder().encode(text), cuts);
      expect(pieces.map((piece) => piece.text).join('')).toBe(text.toWellFormed());
      for (const piece of pieces)
        expect(new TextEncoder().encode(piece.text).length).toBe(piece.nextOffset - piece.offset);
    }),
  );
});
