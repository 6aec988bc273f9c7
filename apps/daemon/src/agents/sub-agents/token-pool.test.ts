/** What one of a family uses, all of them have less; slots are given back whatever happens (N8). */
import { expect, test } from 'vitest';
import { AgentSlots } from './agent-slots.ts';
import { TokenPool } from './token-pool.ts';

test('N8: tokens of children count for their parent and for each other', () => {
  const parent = new TokenPool(1000);
  parent.own = 100;
  const [one, other] = [new TokenPool(undefined, parent), new TokenPool(200, parent)];
  const below = new TokenPool(undefined, other);
  expect([one.left, other.left, below.left]).toEqual([900, 200, 200]);
  below.use(150);
  expect([one.left, other.left, below.left, parent.below]).toEqual([750, 50, 50, 150]);
  one.use(740);
  expect([one.left, other.left, below.left, parent.left]).toEqual([10, 10, 10, 10]);
  one.use(100);
  expect(parent.left).toBe(0);
  expect(new TokenPool(undefined).left).toBe(Infinity);
});

test('N8: as many as the limit at the same time, then one for one; a stop leaves the queue', async () => {
  const slots = new AgentSlots();
  const { signal } = new AbortController();
  const first = await slots.take('r_1', 2, signal);
  const second = await slots.take('r_1', 2, signal);
  const order: string[] = [];
  const stopping = new AbortController();
  const third = slots.take('r_1', 2, stopping.signal).then((slot) => (order.push(`third ${slot === undefined}`), slot));
  const fourth = slots.take('r_1', 2, signal).then((slot) => (order.push('fourth'), slot));
  // Another parent has its own.
  (await slots.take('r_2', 1, signal))?.[Symbol.dispose]();
  expect(order).toEqual([]);
  stopping.abort();
  expect(await third).toBeUndefined();
  first?.[Symbol.dispose]();
  (await fourth)?.[Symbol.dispose]();
  second?.[Symbol.dispose]();
  expect(order).toEqual(['third true', 'fourth']);
  expect(await slots.take('r_1', 1, signal)).toBeDefined();
});
