/** Behaviour of the places of rows. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RowHeights } from './row-heights.ts';

test('W1: offsets and rows fit whatever was measured, added and taken away', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('keys' as const), count: fc.integer({ min: 1, max: 60 }), from: fc.nat(5) }),
    fc.record({ kind: fc.constant('measure' as const), row: fc.nat(60), height: fc.integer({ min: 1, max: 400 }) }),
    fc.record({ kind: fc.constant('look' as const), offset: fc.nat(5_000) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const heights = new RowHeights(() => 50);
      const measured = new Map<string, number>();
      let keys: string[] = [];
      for (const one of steps) {
        if (one.kind === 'keys') {
          keys = Array.from({ length: one.count }, (_, index) => `k${index < one.from ? index : index + one.from}`);
          heights.setKeys(keys);
        } else if (one.kind === 'measure') {
          heights.measure(`k${one.row}`, one.height);
          measured.set(`k${one.row}`, one.height);
        } else if (keys.length > 0) {
          const index = heights.indexAt(one.offset);
          const offsets = [0];
          for (const key of keys) offsets.push((offsets.at(-1) ?? 0) + (measured.get(key) ?? 50));
          const expected = offsets.findLastIndex((offset) => offset <= one.offset);
          expect(index).toBe(Math.min(expected, keys.length - 1));
          expect(heights.total).toBe(offsets.at(-1));
        }
      }
    }),
  );
});
