import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { resolveWorkingDirectory } from './working-directory.ts';

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'navis-directory-'));
  mkdirSync(join(home, 'work'));
  writeFileSync(join(home, 'file'), '');
});
afterEach(() => rmSync(home, { recursive: true }));

const resolveIn = (requested?: string) =>
  resolveWorkingDirectory({ requested, home, passwordFile: join(home, 'passwd') });

test('T5: the home is the default; absolute, relative and ~ paths work', async () => {
  writeFileSync(join(home, 'passwd'), `other:x:1:1::${home}/work:/bin/sh\n`);
  symlinkSync(join(home, 'work'), join(home, 'link'));
  expect(await resolveIn()).toBe(home);
  expect(await resolveIn(home)).toBe(home);
  expect(await resolveIn('work')).toBe(join(home, 'work'));
  expect(await resolveIn('~')).toBe(home);
  expect(await resolveIn('~/work')).toBe(join(home, 'work'));
  expect(await resolveIn('~other')).toBe(join(home, 'work'));
  expect(await resolveIn('link')).toBe(join(home, 'link'));
});

test.each([
  ['missing', 'does not exist'],
  ['file', 'is not a directory'],
  ['file/x', 'does not exist'],
  ['~nobody-here/x', 'names a user who does not exist'],
  ['a\0b', 'is not a possible path'],
  ['x'.repeat(5000), 'is too long for a path'],
])('T5: working_dir %j is refused, naming the field', async (requested, why) => {
  await expect(resolveIn(requested)).rejects.toMatchObject({
    code: 'WORKING_DIR',
    field: 'working_dir',
    message: expect.stringContaining(why),
  });
});

test('T5: a link loop and a missing home are refused', async () => {
  symlinkSync(join(home, 'loop'), join(home, 'loop'));
  await expect(resolveIn('loop')).rejects.toMatchObject({ code: 'WORKING_DIR' });
  await expect(resolveWorkingDirectory({ home: join(home, 'gone') })).rejects.toMatchObject({ code: 'WORKING_DIR' });
});

test.skipIf(process.getuid?.() === 0)('T5: a directory that may not be read is refused', async () => {
  chmodSync(join(home, 'work'), 0o300);
  await expect(resolveIn('work')).rejects.toMatchObject({ code: 'WORKING_DIR' });
});
