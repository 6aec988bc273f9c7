/** One hash over everything that ends up in a build. */
import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Tests and their fixtures do not count. */
export function hashSources(root: string, globs: string[]): string {
  const hash = createHash('sha256');
  const files = globSync(globs, { cwd: root, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const path of files.map((entry) => join(entry.parentPath, entry.name)).toSorted()) {
    if (!/\.(test|fixture|suite)\.ts$/.test(path)) hash.update(`${path}\0`).update(readFileSync(path));
  }
  return hash.digest('hex');
}
