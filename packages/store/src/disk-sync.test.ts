import { expect, test } from 'vitest';
import { DiskSync } from './disk-sync.ts';

/** A disk that confirms when it is told to. */
const slowDisk = () => {
  const waits: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const sync = new DiskSync(() => new Promise((resolve, reject) => waits.push({ resolve, reject })));
  const turn = async (): Promise<void> => {
    for (let count = 0; count < 2; count += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  return { sync, waits, turn };
};

test('D1: what comes while the disk is waited for shares the next wait, and nothing resolves before its own', async () => {
  const { sync, waits, turn } = slowDisk();
  const done: string[] = [];
  const flush = (name: string): void => void sync.flush().then(() => done.push(name));
  flush('a');
  flush('b');
  await turn();
  flush('c');
  flush('d');
  expect(waits).toHaveLength(1);
  waits[0]?.resolve();
  await turn();
  expect(done).toEqual(['a', 'b']);
  expect(waits).toHaveLength(2);
  waits[1]?.resolve();
  await turn();
  expect(done).toEqual(['a', 'b', 'c', 'd']);
});

test('L1: the commit that follows another without waiting for anything shares its wait, which begins then', async () => {
  const { sync, waits, turn } = slowDisk();
  const done: string[] = [];
  const steps = async (): Promise<void> => {
    for (let step = 0; step < 20; step += 1) await Promise.resolve();
  };
  void sync.flush().then(() => done.push('first'));
  await steps();
  expect(waits).toHaveLength(0);
  void sync.flush().then(() => done.push('second'));
  await steps();
  expect(waits).toHaveLength(1);
  void sync.flush().then(() => done.push('third'));
  await turn();
  waits[0]?.resolve();
  await turn();
  expect(done).toEqual(['first', 'second']);
  waits[1]?.resolve();
  await turn();
  expect(done).toEqual(['first', 'second', 'third']);
  // Alone, it begins when nothing follows any more.
  void sync.flush().then(() => done.push('alone'));
  await turn();
  expect(waits).toHaveLength(3);
  waits[2]?.resolve();
  await turn();
  expect(done).toHaveLength(4);
});

test('I8: everything that follows at once from one commit comes before the next one', async () => {
  const { sync, waits, turn } = slowDisk();
  const done: string[] = [];
  const first = async (): Promise<void> => {
    await sync.flush();
    for (let step = 0; step < 20; step += 1) await Promise.resolve();
    done.push('first');
  };
  void first();
  void sync.flush().then(() => done.push('second'));
  await turn();
  waits[0]?.resolve();
  await turn();
  expect(done).toEqual(['first', 'second']);
});

test('D1: who has read what is not on disk waits for it, and for what follows from it; else nobody waits', async () => {
  const { sync, waits, turn } = slowDisk();
  await sync.passed();
  const done: string[] = [];
  void sync.flush().then(() => done.push('first'));
  await turn();
  void sync.flush().then(() => done.push('second'));
  void sync.passed().then(() => done.push('read'));
  waits[0]?.resolve();
  await turn();
  expect(done).toEqual(['first']);
  waits[1]?.resolve();
  await turn();
  expect(done).toEqual(['first', 'second', 'read']);
  await sync.settle();
  await sync.passed();
});

test('I17: a disk that fails is told to those who waited for it, and asked again for the next', async () => {
  const { sync, waits, turn } = slowDisk();
  const failed = expect(Promise.all([sync.flush(), sync.flush()])).rejects.toThrow('EIO');
  await turn();
  waits[0]?.reject(new Error('EIO'));
  await failed;
  const next = sync.flush();
  await turn();
  waits[1]?.resolve();
  await next;
});
