/** The program of a pty-host: started by a hub, outlives it, owns PTYs only and never starts a process in another way. */
import { closeSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { parseStat } from '../process-table-linux.ts';
import { garbageCollector } from './collect-garbage.ts';
import { hostsDirectory, removeHostRecord, tokenPath, writeHostRecord, type HostRecord } from './host-record.ts';
import { closeInheritedDescriptors } from './inherited-descriptors.ts';
import { loadNativePty } from './native-pty.ts';
import { PtyHostService, type HostTimes } from './pty-host-service.ts';
import { ptyHostService, ptyHostVersions } from './pty-host-protocol.ts';
import { readOrCreateToken } from './run-directory.ts';
import { ScreenThread } from './screen/screen-thread.ts';

/** Given as JSON in the first argument. */
export interface PtyHostConfig {
  hostId: string;
  stateDirectory: string;
  runDirectory: string;
  bootId: string;
  buildId: string;
  retainBytes: number;
  times?: HostTimes;
}

/** The hub reads one line here once the host serves; then it is closed. */
export const readyDescriptor = 3;

const log = (event: string, facts: Record<string, unknown>): void => {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), event, ...facts })}\n`);
};

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
  const service = new PtyHostService({
    ...config,
    socketPath,
    token: readOrCreateToken(tokenPath(stateDirectory)),
    native: loadNativePty(),
    thread: new ScreenThread((reason) => log('screen worker failed', { reason })),
    startTimeOf,
    collectGarbage: garbageCollector(),
    log,
    onStopped: () => {
      removeHostRecord(stateDirectory, record);
      process.exitCode = 0;
    },
  });
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGUSR1', 'SIGPIPE'] as const) process.on(signal, () => undefined);
  process.on('SIGTERM', () => void service.stop());
  // One terminal's fault must not end the others.
  process.on('uncaughtException', (error) => log('fault', { reason: error.stack ?? error.message }));
  process.on('unhandledRejection', (error) => log('fault', { reason: String(error) }));
  await service.listen();
  writeHostRecord(stateDirectory, record);
  log('serving', { hostId, retainBytes, directory: hostsDirectory(stateDirectory) });
  writeSync(readyDescriptor, 'ready\n');
  closeSync(readyDescriptor);
};

const [, , argument] = process.argv;
// With anything but a configuration the program only loads its code.
if (argument?.startsWith('{') === true) {
  closeInheritedDescriptors(readyDescriptor);
  await main(JSON.parse(argument) as PtyHostConfig);
}
