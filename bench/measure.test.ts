/** The bench's arithmetic. */
import { expect, test } from 'vitest';
import { growthExponent, interleave, median, percentile } from './measure.ts';

test('median and percentile pick from the sorted values', () => {
  expect(median([5, 1, 3])).toBe(3);
  expect(percentile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.99)).toBe(10);
});

test('the exponent of linear, constant and quadratic growth is 1, 0 and 2', () => {
  const sizes = [1, 2, 4, 8];
  expect(growthExponent(sizes, [3, 6, 12, 24])).toBeCloseTo(1);
  expect(growthExponent(sizes, [7, 7, 7, 7])).toBeCloseTo(0);
  expect(growthExponent(sizes, [1, 4, 16, 64])).toBeCloseTo(2);
});

test('contenders take turns and the warm-up round is dropped', async () => {
  const order: string[] = [];
  const contender = (name: string) => async () => {
    order.push(name);
    return order.length;
  };
  const results = await interleave({ a: contender('a'), b: contender('b') }, { rounds: 2, samples: 2 });
  expect(order.join('')).toBe('aabbaabbaabb');
  expect(results.a).toEqual([5, 6, 9, 10]);
});
