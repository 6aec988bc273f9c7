/** What a node is told when it connects: a large fleet tells less, and still within the silence that ends a link (N3, F1). */
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { LiveLinks } from './live-links.ts';

test('F1: from 200 nodes on the load is told seldom, and a sign of life in time to be late by a third', () => {
  using links = new LiveLinks({ log: pino({ level: 'silent' }), now: Date.now });
  const connect = (index: number): void =>
    void links.add({ nodeId: `n${index}`, bootId: `boot-${index}`, epoch: 1, peer: '::1', end: () => undefined });
  for (let index = 0; index < 199; index += 1) connect(index);
  expect([links.heartbeatMs, links.loadMs]).toEqual([4500, undefined]);
  connect(199);
  expect([links.heartbeatMs, links.loadMs]).toEqual([9000, 90_000]);
});
