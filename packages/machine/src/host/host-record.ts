/** How a hub finds the hosts that run: `hosts/<id>.json` in the state directory, written by each host itself. */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProtocolVersions } from './handshake.ts';

export interface HostRecord {
  service: string;
  hostId: string;
  pid: number;
  /** As the kernel tells it; empty where only the hub can find out. */
  startTime: string;
  bootId: string;
  socketPath: string;
  versions: ProtocolVersions;
  /** Of the code that it runs. */
  buildId: string;
  startedAt: string;
}

export const hostsDirectory = (stateDirectory: string): string => join(stateDirectory, 'hosts');
export const tokenPath = (stateDirectory: string): string => join(hostsDirectory(stateDirectory), 'token');
export const hostLogPath = (stateDirectory: string, hostId: string): string =>
  join(hostsDirectory(stateDirectory), `${hostId}.log`);

const recordPath = (stateDirectory: string, hostId: string): string =>
  join(hostsDirectory(stateDirectory), `${hostId}.json`);

export const writeHostRecord = (stateDirectory: string, record: HostRecord): void => {
  mkdirSync(hostsDirectory(stateDirectory), { recursive: true, mode: 0o700 });
  const path = recordPath(stateDirectory, record.hostId);
  writeFileSync(`${path}.new`, JSON.stringify(record), { mode: 0o600 });
  renameSync(`${path}.new`, path);
};

/** Records of one kind of host; unreadable files are left alone. */
export const readHostRecords = (stateDirectory: string, service: string): HostRecord[] => {
  try {
    const names = readdirSync(hostsDirectory(stateDirectory)).filter((name) => name.endsWith('.json'));
    return names.flatMap((name) => readRecord(join(hostsDirectory(stateDirectory), name), service) ?? []);
  } catch {
    return [];
  }
};

const readRecord = (path: string, service: string): HostRecord | null => {
  try {
    const record = JSON.parse(readFileSync(path, 'utf8')) as HostRecord;
    return record.service === service && typeof record.pid === 'number' ? record : null;
  } catch {
    return null;
  }
};

/** Of one host alone: what it needs only while it lives. */
export const ownDirectoryOf = (stateDirectory: string, hostId: string): string =>
  join(hostsDirectory(stateDirectory), hostId);

/** The record, log and own directory of a host that is gone. */
export const removeHostFiles = ({ stateDirectory, hostId }: { stateDirectory: string; hostId: string }): void => {
  for (const path of [recordPath(stateDirectory, hostId), hostLogPath(stateDirectory, hostId)])
    rmSync(path, { force: true });
  rmSync(ownDirectoryOf(stateDirectory, hostId), { recursive: true, force: true });
};

/** The same, with its socket. */
export const removeHostRecord = (stateDirectory: string, { hostId, socketPath }: HostRecord): void => {
  removeHostFiles({ stateDirectory, hostId });
  rmSync(socketPath, { force: true });
};
