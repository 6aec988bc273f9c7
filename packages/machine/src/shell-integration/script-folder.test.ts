import { existsSync, lstatSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createScriptFolder } from './script-folder.ts';

test('T24: a long path is replaced by a short private one, the same after a restart', async () => {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'navis-scripts-')));
  const long = join(home, 'a'.repeat(60), 'sh');
  mkdirSync(join(home, 'a'.repeat(60)));
  const paths: string[] = [];
  for (let start = 0; start < 2; start += 1) {
    await using folder = createScriptFolder(long);
    paths.push(await folder.path());
  }
  const [path = ''] = paths;
  expect(paths).toEqual([path, path]);
  expect(path.length).toBeLessThanOrEqual(40);
  expect(lstatSync(path).mode & 0o777).toBe(0o700);
  await using folder = createScriptFolder(long);
  await folder.path();
  await folder.discard();
  expect(existsSync(path)).toBe(false);
  rmSync(home, { recursive: true });
});
