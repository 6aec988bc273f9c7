/** The package that this code came with: its folder and its version. */
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/** One above, in the workspace and in the published package alike. */
export const ownPackage = realpathSync(join(import.meta.dirname, '..'));

export const ownVersion = (): string => {
  const content = readFileSync(join(ownPackage, 'package.json'), 'utf8');
  return (JSON.parse(content) as { version: string }).version;
};
