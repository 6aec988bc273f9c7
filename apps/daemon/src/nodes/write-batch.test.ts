/** Writes of many nodes at once share their way to the disk, and each gets its own answer (F1). */
import { join } from 'node:path';
import { createEventFeed, createMemoryBus, openSqliteStore, StoreKeeper } from '@navisai/store';
import { expect, test } from 'vitest';
import { newTestHome } from '../hub-bench.fixture.ts';
import { newMainRecord } from './main-node.ts';
import { WriteBatch } from './write-batch.ts';

test('epochs of a crowd are allotted in few transactions, each once', async () => {
  using home = newTestHome();
  await using keeper = new StoreKeeper(() => openSqliteStore({ file: join(home.path, 'store', 'navis.db') }));
  await keeper.start();
  const feed = createEventFeed(keeper, createMemoryBus());
  let transactions = 0;
  const counting: typeof feed = {
    ...feed,
    transaction(work) {
      transactions += 1;
      return feed.transaction(work);
    },
  };
  const batch = new WriteBatch(counting);
  await batch.run((writer) => writer.nodes.create(newMainRecord(new Date().toISOString())));
  const epochs = await Promise.all(
    Array.from({ length: 200 }, () => batch.run((writer) => writer.nodes.nextEpoch('main'))),
  );
  expect(epochs.toSorted((one, other) => Number(one) - Number(other))).toEqual(
    Array.from({ length: 200 }, (_, index) => index + 1),
  );
  expect(transactions).toBeLessThan(5);
  await keeper[Symbol.asyncDispose]();
  const refused = await Promise.allSettled([
    batch.run((writer) => writer.nodes.nextEpoch('main')),
    batch.run((writer) => writer.nodes.nextEpoch('main')),
  ]);
  expect(refused.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});
