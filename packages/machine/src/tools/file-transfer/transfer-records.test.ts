/** Unfinished files that nobody goes on with are removed, and there are never too many. */
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { TransferRecords } from './transfer-records.ts';

const makeFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'navis-transfers-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

test('P5: an unfinished file is removed an hour after its last piece, and nothing else ever', async () => {
  const folder = makeFolder();
  const records = new TransferRecords(join(folder, 'records'));
  const old = join(folder, '.navis-aaaa.part');
  const fresh = join(folder, '.navis-bbbb.part');
  const foreign = join(folder, 'valuable');
  for (const path of [old, fresh, foreign]) writeFileSync(path, 'x');
  await records.add('aaaa', old);
  await records.add('bbbb', fresh);
  await records.add('cccc', foreign);
  await records.sweep();
  expect(existsSync(old) && existsSync(fresh)).toBe(true);
  const hourAgo = Date.now() / 1000 - 3700;
  for (const path of [old, foreign]) utimesSync(path, hourAgo, hourAgo);
  await new TransferRecords(join(folder, 'records')).sweep();
  expect([existsSync(old), existsSync(fresh), existsSync(foreign)]).toEqual([false, true, true]);
  expect(readdirSync(join(folder, 'records'))).toEqual(['bbbb']);
});

test('P5: at most 64 files are on their way', async () => {
  const folder = makeFolder();
  const records = new TransferRecords(join(folder, 'records'));
  for (let index = 0; index < 64; index += 1) await records.add(`k${index}`, join(folder, `.navis-k${index}.part`));
  await expect(records.add('one-more', '/x')).rejects.toMatchObject({ code: 'RATE_LIMITED' });
});
