/** Every byte that lies in a folder: what a secret must not be found in. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export const everythingIn = (folder: string): string =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
    .map((path) => readFileSync(path, 'latin1'))
    .join('\n');
