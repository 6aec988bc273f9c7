/** Where a run-host and the hubs that find it keep what they share. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import type { ProcessReference } from '../process-table.types.ts';

export interface HostPlaces {
  stateDirectory: string;
  /** Of sockets; short and private. */
  runDirectory: string;
}

/** What a run-host is started with, as one argument. */
export interface HostArguments extends HostPlaces {
  hostId: string;
  build: string;
}

export const service = 'run-host';
export const protocolVersions = { min: 1, max: 1 };

export const callsDirectoryOf = (stateDirectory: string): string => join(stateDirectory, 'calls');
export const tokenPathOf = (stateDirectory: string): string => join(stateDirectory, 'host-token');
const hostsDirectoryOf = (stateDirectory: string): string => join(stateDirectory, 'run-hosts');
export const logPathOf = (stateDirectory: string): string => join(stateDirectory, 'run-hosts', 'log');
/** Compiled code of the host program; a cache. */
export const codeCachePathOf = (stateDirectory: string): string => join(stateDirectory, 'run-hosts', 'code-cache');
/** Lets the host program only load its code. */
export const warmArgument = 'load-code';
export const socketPathOf = (runDirectory: string, hostId: string): string => join(runDirectory, `${hostId}.sock`);
export const activePathOf = ({ stateDirectory }: HostPlaces, hostId: string): string =>
  join(hostsDirectoryOf(stateDirectory), hostId, 'active');
export const pipesDirectoryOf = ({ stateDirectory }: HostPlaces, hostId: string): string =>
  join(hostsDirectoryOf(stateDirectory), hostId, 'pipes');

export const preparedDirectoryOf = ({ stateDirectory }: HostPlaces, hostId: string): string =>
  join(hostsDirectoryOf(stateDirectory), hostId, 'records');

/** An entry in the environment of everything that runs for one state directory. */
export const machineMarker = (stateDirectory: string): { name: 'NAVIS_MACHINE'; value: string } => ({
  name: 'NAVIS_MACHINE',
  value: createHash('sha256').update(stateDirectory).digest('hex').slice(0, 16),
});

export const prepareStateDirectory = (stateDirectory: string): void => {
  for (const path of [callsDirectoryOf(stateDirectory), hostsDirectoryOf(stateDirectory)]) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  }
};

export const listHostIds = (stateDirectory: string): string[] => {
  try {
    return readdirSync(hostsDirectoryOf(stateDirectory)).filter((name) => /^run-[a-z0-9]+$/.test(name));
  } catch {
    return [];
  }
};

export const writeHostProcess = (places: HostPlaces, hostId: string, reference: ProcessReference): void => {
  const directory = join(hostsDirectoryOf(places.stateDirectory), hostId);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileSync(join(directory, 'process.json'), JSON.stringify(reference), { mode: 0o600 });
};

export const readHostProcess = (places: HostPlaces, hostId: string): ProcessReference | null => {
  try {
    const path = join(hostsDirectoryOf(places.stateDirectory), hostId, 'process.json');
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessReference;
  } catch {
    return null;
  }
};

export const removeHostFiles = (places: HostPlaces, hostId: string): void => {
  rmSync(socketPathOf(places.runDirectory, hostId), { force: true });
  rmSync(join(hostsDirectoryOf(places.stateDirectory), hostId), { recursive: true, force: true });
};

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
      .filter((name) => /(?<!\.test)\.(ts|js)$/.test(name))
      .sort();
  } catch {
    return [];
  }
};
