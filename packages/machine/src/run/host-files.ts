/** Where a run-host and the hubs that find it keep what they share. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hostsDirectory, ownDirectoryOf } from '../host/host-record.ts';
import type { HostSettings } from '../host/host-settings.types.ts';

/** What a run-host is started with. */
export interface RunHostSettings extends HostSettings {
  /** Without a hub and without a call the process ends after so long. */
  lonelyMs: number;
}

export const service = 'run-host';
export const protocolVersions = { min: 1, max: 1 };

export const callsDirectoryOf = (stateDirectory: string): string => join(stateDirectory, 'calls');

export const activePathOf = (stateDirectory: string, hostId: string): string =>
  join(ownDirectoryOf(stateDirectory, hostId), 'active');
export const pipesDirectoryOf = (stateDirectory: string, hostId: string): string =>
  join(ownDirectoryOf(stateDirectory, hostId), 'pipes');
export const preparedDirectoryOf = (stateDirectory: string, hostId: string): string =>
  join(ownDirectoryOf(stateDirectory, hostId), 'records');

export const prepareStateDirectory = (stateDirectory: string): void => {
  for (const path of [callsDirectoryOf(stateDirectory), hostsDirectory(stateDirectory)]) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  }
};

/** An entry in the environment of everything that run-hosts start for one state directory. */
export const machineMarker = (stateDirectory: string): { name: 'NAVIS_MACHINE'; value: string } => ({
  name: 'NAVIS_MACHINE',
  value: createHash('sha256').update(stateDirectory).digest('hex').slice(0, 16),
});

/** Changes whenever the code that a run-host loads may have changed: its own folder and what lies beside it. */
export const currentBuild = (): string => {
  const hash = createHash('sha256').update(process.version);
  for (const folder of ['./', '../', '../host/']) {
    const directory = fileURLToPath(new URL(folder, import.meta.url));
    for (const name of sourceNames(directory)) hash.update(name).update(readFileSync(join(directory, name)));
  }
  return hash.digest('hex').slice(0, 16);
};

const sourceNames = (directory: string): string[] => {
  try {
    return readdirSync(directory)
      .filter((name) => /(?<!\.(test|types|fixture))\.(ts|js)$/.test(name))
      .toSorted();
  } catch {
    return [];
  }
};
