/** A process that carries out recalls of a store: `node claimer.fixture.ts <folder> <name> <leaseMs> <workMs>`. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openStore, silentLog } from './recalls.fixture.ts';
import { RecallScheduler } from './scheduler.ts';
import { systemClock } from './system-clock.ts';

const [folder = '', name = '', leaseMs = '', workMs = ''] = process.argv.slice(2);
const journal = join(folder, 'journal');
const { keeper, feed } = await openStore(folder);
const scheduler = new RecallScheduler({
  keeper,
  feed,
  clock: systemClock,
  log: silentLog,
  name,
  timing: { leaseMs: Number(leaseMs), lookMs: Number(leaseMs) / 4, maxParallel: 8 },
  onAlarm: () => undefined,
  async carryOut({ recall, run, signal }) {
    appendFileSync(journal, `begin ${recall.id} ${run.dueAt} ${run.attempt} ${name}\n`);
    await sleep(Number(workMs), undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) appendFileSync(journal, `end ${recall.id} ${run.dueAt} ${run.attempt} ${name}\n`);
    return { state: 'completed', runId: null, answer: 'done', error: null };
  },
});
await scheduler.wake();
process.stdout.write('ready\n');
