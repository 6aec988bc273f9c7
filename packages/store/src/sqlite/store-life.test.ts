/** A store that was put back to an older backup is another life of it, and nothing else is (I8). */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqliteStore } from './open-sqlite-store.ts';

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'navis-life-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const store = (): string => join(folder, 'store');
const open = () => openSqliteStore({ file: join(store(), 'navis.db'), lifeFile: join(folder, 'life.json') });
const append = async (opened: Awaited<ReturnType<typeof open>>, count: number): Promise<void> => {
  for (let index = 0; index < count; index += 1)
    await opened.appendEvents([
      { stream: 'hub', type: 'project.updated', data: { change: 'removed', project: { id: 'p_0', nodeId: 'main' } } },
    ] as never);
};
const livedWith = async (count: number): Promise<{ generation: string; restoredAt: string | null }> => {
  await using opened = await open();
  await append(opened, count);
  const { generation, restoredAt } = opened;
  return { generation, restoredAt };
};

test('I8: a backup that holds less than was there is another generation, once; restarts and newer content are not', async () => {
  const first = await livedWith(2);
  cpSync(store(), join(folder, 'backup'), { recursive: true });
  expect(await livedWith(3)).toEqual(first);
  expect(first.restoredAt).toBeNull();
  rmSync(store(), { recursive: true });
  cpSync(join(folder, 'backup'), store(), { recursive: true });
  const second = await livedWith(1);
  expect(second.generation).not.toBe(first.generation);
  expect(second.restoredAt).not.toBeNull();
  expect(await livedWith(0)).toEqual(second);
  writeFileSync(join(folder, 'life.json'), 'damaged');
  expect(await livedWith(0)).toEqual(second);
});

test('I8: a store that begins anew is told from the one before by itself', async () => {
  const first = await livedWith(5);
  rmSync(store(), { recursive: true });
  const second = await livedWith(0);
  expect(second.generation).not.toBe(first.generation);
  expect(second.restoredAt).toBeNull();
});
