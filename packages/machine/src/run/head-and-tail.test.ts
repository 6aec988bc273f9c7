import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HeadAndTail } from './head-and-tail.ts';

test('T3: the first and the newest bytes are kept exactly, whatever the pieces they come in', () => {
  const limits = fc.record({ headBytes: fc.integer({ min: 1, max: 40 }), tailBytes: fc.integer({ min: 1, max: 40 }) });
  const pieces = fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 12 });
  fc.assert(
    fc.property(limits, pieces, (bounds, given) => {
      const kept = new HeadAndTail(bounds);
      for (const piece of given) kept.append(Buffer.from(piece));
      const all = Buffer.concat(given);
      const headBytes = Math.min(all.length, bounds.headBytes);
      const tailFrom = Math.max(headBytes, all.length - bounds.tailBytes);
      expect(kept.totalBytes).toBe(all.length);
      expect(kept.head()).toEqual(all.subarray(0, headBytes));
      expect(kept.tail()).toEqual(all.subarray(tailFrom));
      for (let offset = 0; offset <= all.length; offset += 1) {
        const read = kept.read(offset, 7);
        const end = offset < headBytes ? headBytes : all.length;
        const isKept = offset < headBytes || offset >= tailFrom;
        expect(read).toEqual(isKept ? all.subarray(offset, Math.min(end, offset + 7)) : null);
      }
    }),
  );
});
