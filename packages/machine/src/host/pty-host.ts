/** The program of a pty-host: started by a hub, outlives it, owns PTYs only and never starts a process in another way. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseStat } from '../process-table-linux.ts';
import { collectOnceStarted, garbageCollector } from './collect-garbage.ts';
import { logLine, beginHost, standFaults } from './host-program.ts';
import type { HostSettings } from './host-settings.types.ts';
import { hostsDirectory, removeHostRecord, tokenPath, writeHostRecord, type HostRecord } from './host-record.ts';
import { loadNativePty } from './native-pty.ts';
import { PtyHostService, type HostTimes } from './pty-host-service.ts';
import { ptyHostService, ptyHostVersions } from './pty-host-protocol.ts';
import { readOrCreateToken } from './run-directory.ts';
import { loadScreenWorker, ScreenThread } from './screen/screen-thread.ts';

/** Given as JSON in the first argument. */
export interface PtyHostConfig extends HostSettings {
  retainBytes: number;
  times?: HostTimes;
}

/** Empty on macOS, where only the hub can find out. */
const startTimeOf = (pid: number): string => {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.startTime ?? '';
  } catch {
    return '';
  }
};

const main = async (config: PtyHostConfig): Promise<void> => {
  const { hostId, stateDirectory, runDirectory, bootId, buildId, retainBytes } = config;
  const socketPath = join(runDirectory, `${hostId}.sock`);
  const record: HostRecord = {
    service: ptyHostService,
    hostId,
    pid: process.pid,
    startTime: startTimeOf(process.pid),
    bootId,
    socketPath,
    versions: ptyHostVersions,
    buildId,
    startedAt: new Date().toISOString(),
  };
  const collectGarbage = garbageCollector();
  const service = new PtyHostService({
    ...config,
    socketPath,
    token: readOrCreateToken(tokenPath(stateDirectory)),
    native: loadNativePty(),
    thread: new ScreenThread((reason) => logLine('screen worker failed', { reason })),
    startTimeOf,
    collectGarbage,
    log: logLine,
    onStopped: () => {
      removeHostRecord(stateDirectory, record);
      process.exitCode = 0;
    },
  });
  standFaults(() => service.stop());
  await service.listen();
  writeHostRecord(stateDirectory, record);
  collectOnceStarted(collectGarbage);
  logLine('serving', { hostId, retainBytes, directory: hostsDirectory(stateDirectory) });
};

await beginHost(main, loadScreenWorker);
