/** Which code hosts are started with, and since when the machine runs. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const code = /(?<!\.(test|types|fixture))\.ts$/;

/** What a pty-host loads, by folder: from the sources, also how processes are read and the versions of its libraries. */
const hostSources: Readonly<Record<string, RegExp>> = {
  '..': code,
  '../screen': code,
  '../..': /^process-table-linux\.ts$/,
  '../../..': /^package\.json$/,
};
/** Published, everything lies in one folder; what hosts share with other programs they import by names with a hash. */
const hostBundle: Readonly<Record<string, RegExp>> = { '.': /^machine-.*\.js$/ };

/** Changes whenever the code that a pty-host loads may have changed. */
export const currentBuildId = (): string => {
  const hash = createHash('sha256').update(process.version);
  const files = import.meta.url.endsWith('.js') ? hostBundle : hostSources;
  for (const [folder, pattern] of Object.entries(files)) {
    const directory = join(import.meta.dirname, folder);
    for (const name of readdirSync(directory).toSorted())
      if (pattern.test(name)) hash.update(name).update(readFileSync(join(directory, name)));
  }
  return hash.digest('hex').slice(0, 16);
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
