/** Which code hosts are started with, and since when the machine runs. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Changes whenever the code that a pty-host loads may have changed. */
export const currentBuildId = (): string => {
  const hash = createHash('sha256').update(process.version);
  // Published, everything lies in one folder.
  const isBundle = import.meta.url.endsWith('.js');
  const source = fileURLToPath(new URL(isBundle ? '.' : '../..', import.meta.url));
  for (const folder of isBundle ? [''] : ['host', 'host/screen', '.', '..']) {
    for (const name of codeNames(join(source, folder), isBundle ? 'bundle' : folder)) {
      hash.update(name).update(readFileSync(join(source, folder, name)));
    }
  }
  return hash.digest('hex').slice(0, 16);
};

/** Of the folders above only what a host loads: how processes are read, and the versions of its libraries. */
const codeNames = (directory: string, folder: string): string[] => {
  const isCode = (name: string): boolean => /(?<!\.(test|types|fixture))\.(ts|js)$/.test(name);
  const only: Record<string, RegExp> = {
    '.': /^process-table-linux\.ts$/,
    '..': /^package\.json$/,
    // The hosts alone; what they share with other programs they import by names that carry a hash.
    bundle: /^machine-.*\.js$/,
  };
  try {
    return readdirSync(directory)
      .filter((name) => only[folder]?.test(name) ?? isCode(name))
      .toSorted();
  } catch {
    return [];
  }
};

/** Different after every start of the machine; empty where that cannot be told. */
export const currentBootId = (): string => {
  try {
    if (process.platform !== 'darwin') return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return execFileSync('/usr/sbin/sysctl', ['-n', 'kern.bootsessionuuid'], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
};
