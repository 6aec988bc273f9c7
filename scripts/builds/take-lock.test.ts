import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { takeLock } from './take-lock.ts';

let folder = '';
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'lock-'))));
afterAll(() => rmSync(folder, { recursive: true }));

test('the second waits until the first gives the lock back', async () => {
  const path = join(folder, 'deep/lock');
  const first = await takeLock(path, 1000);
  await expect(takeLock(path, 150)).rejects.toThrow(`is held by process ${process.pid}`);
  const second = takeLock(path, 5000);
  first[Symbol.dispose]();
  (await second)[Symbol.dispose]();
  expect(existsSync(path)).toBe(false);
});

test('the lock of a process that is gone is taken over', async () => {
  const path = join(folder, 'stale');
  writeFileSync(path, String(spawnSync('true').pid));
  using lock = await takeLock(path, 1000);
  expect(lock).toBeDefined();
});
