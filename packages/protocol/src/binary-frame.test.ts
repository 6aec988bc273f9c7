/** Binary frames carry any bytes at any offset, and hostile ones are refused. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { binaryKinds, decodeBinaryFrame, encodeBinaryFrame } from './binary-frame.ts';
import type { BinaryKind } from './binary-frame.ts';
import { NavisError } from './errors.ts';

const frameArbitrary = fc.record({
  kind: fc.constantFrom(...(Object.keys(binaryKinds) as BinaryKind[])),
  channel: fc.nat(0xffff_ffff),
  offset: fc.maxSafeNat(),
  bytes: fc.uint8Array({ maxLength: 300 }),
});

test('T17: every frame decodes to what was encoded', () => {
  fc.assert(
    fc.property(frameArbitrary, (frame) => {
      expect(decodeBinaryFrame(encodeBinaryFrame(frame))).toEqual(frame);
    }),
  );
});

test('I9: arbitrary bytes decode or are refused with INVALID_REQUEST, nothing else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      try {
        decodeBinaryFrame(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(NavisError);
        expect((error as NavisError).code).toBe('INVALID_REQUEST');
      }
    }),
  );
});
