/** Several processes share the recalls of one store; one of them is killed in the middle. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { keep, openStore, type OpenStore, recallAt } from './recalls.fixture.ts';

const program = fileURLToPath(new URL('./claimer.fixture.ts', import.meta.url));

interface Claimer extends AsyncDisposable {
  child: ChildProcess;
}

const startClaimer = async (folder: string, name: string, times: { leaseMs: number; workMs: number }) => {
  const { leaseMs, workMs } = times;
  const child = spawn(process.execPath, [program, folder, name, String(leaseMs), String(workMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const end = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'close');
  };
  return { child, [Symbol.asyncDispose]: end } satisfies Claimer;
};

/** `begin <recall> <due> <attempt> <name>` and `end …`, as they happened. */
const journalOf = ({ folder }: OpenStore): string[] => {
  try {
    return readFileSync(join(folder, 'journal'), 'utf8').split('\n').slice(0, -1);
  } catch {
    return [];
  }
};

test('N11: three processes on one store run each recall exactly once', { timeout: 180_000 }, async () => {
  await using store = await openStore();
  const ids: string[] = [];
  for (let index = 0; index < 24; index += 1)
    ids.push(await keep(store, recallAt(Date.now() + 1000 + index * 50, { schedule: { kind: 'now' } })));
  await using claimers = new AsyncDisposableStack();
  const times = { leaseMs: 20_000, workMs: 20 };
  for (const claimer of await Promise.all(
    ['a', 'b', 'c'].map((name) => startClaimer(store.folder, `main:${name}`, times)),
  ))
    claimers.use(claimer);
  await until('all ended', () => journalOf(store).filter((line) => line.startsWith('end')).length >= ids.length);
  const begun = journalOf(store).filter((line) => line.startsWith('begin'));
  expect(begun.map((line) => line.split(' ')[1]).toSorted()).toEqual(ids.toSorted());
  await until('all are kept', async () => (await store.keeper.store.read.recalls.claimed()).length === 0);
  for (const id of ids) expect(await store.runs(id)).toMatchObject([{ state: 'completed', attempt: 1 }]);
});

test('N11: kill -9 of a claimer in the middle: another runs it once more, marked', { timeout: 180_000 }, async () => {
  await using store = await openStore();
  const id = await keep(store, recallAt(Date.now(), { schedule: { kind: 'now' } }));
  await using first = await startClaimer(store.folder, 'main:first', { leaseMs: 1500, workMs: 60_000 });
  await until('it began', () => journalOf(store).length === 1);
  await using _second = await startClaimer(store.folder, 'main:second', { leaseMs: 1500, workMs: 10 });
  first.child.kill('SIGKILL');
  await until('another ended it', () => journalOf(store).some((line) => line.startsWith('end')));
  await until('it is kept', async () => (await store.runs(id))[0]?.state === 'completed');
  expect(await store.runs(id)).toMatchObject([
    { state: 'completed', attempt: 2, claimedBy: 'main:second' },
    { state: 'interrupted', attempt: 1, claimedBy: 'main:first', error: { code: 'INTERRUPTED' } },
  ]);
  expect(journalOf(store).map((line) => line.split(' ')[0])).toEqual(['begin', 'begin', 'end']);
});
