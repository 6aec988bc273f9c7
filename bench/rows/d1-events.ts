/** D1: durable events: append to acknowledgement, on the disk of the system's temporary folder. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openSqliteStore } from '@navisai/store';
import type { NewEvent, Store } from '@navisai/store';
import { median, percentile } from '../measure.ts';
import type { BenchRow, Figure } from '../row.types.ts';

const rowsPerSecond = 5_000;
const tickMs = 5;
const loadMs = 3_000;
const bulkRows = 50_000;

const event = (): NewEvent => ({
  stream: 'hub',
  type: 'session.update',
  data: { change: 'renamed', reason: 'a line of ordinary length for an event of a session' },
});

/** Latencies of single appends while `rowsPerSecond` are asked for. */
const underLoad = async (store: Store): Promise<number[]> => {
  const latencies: Promise<number>[] = [];
  const start = performance.now();
  while (performance.now() - start < loadMs) {
    const due = Math.floor(((performance.now() - start) / 1000) * rowsPerSecond);
    while (latencies.length < due) {
      const asked = performance.now();
      latencies.push(store.appendEvents([event()]).then(() => performance.now() - asked));
    }
    await pause(tickMs);
  }
  return Promise.all(latencies);
};

export const d1Events: BenchRow = {
  id: 'D1',
  what: 'durable events: append to acknowledgement',
  async run({ rounds }): Promise<Figure[]> {
    const directory = mkdtempSync(join(tmpdir(), 'navis-bench-store-'));
    try {
      await using store = await openSqliteStore({ file: join(directory, 'store.db') });
      const single: number[] = [];
      const loaded: number[] = [];
      const bulk: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        for (let index = 0; index < 100; index += 1) {
          const asked = performance.now();
          await store.appendEvents([event()]);
          single.push(performance.now() - asked);
        }
        loaded.push(percentile(await underLoad(store), 0.99));
        const asked = performance.now();
        await Promise.all(Array.from({ length: bulkRows }, () => store.appendEvents([event()])));
        bulk.push(bulkRows / ((performance.now() - asked) / 1000));
      }
      const p99 = median(loaded);
      return [
        { what: 'one append, p50', unit: 'ms', ours: median(single), peers: {}, goal: 'reported', met: true },
        {
          what: `p99 at ${rowsPerSecond} rows/s`,
          unit: 'ms',
          ours: p99,
          peers: {},
          goal: 'at most 20 ms',
          met: p99 <= 20,
        },
        {
          what: 'appended at once',
          unit: 'rows/s',
          ours: median(bulk),
          peers: {},
          goal: 'batched: above the 6,400 single commits of the disk',
          met: median(bulk) > 6_400,
        },
      ];
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
};
