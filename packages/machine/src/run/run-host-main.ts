/** The program of a run-host: started by a hub, outlives it, owns one-shot commands on pipes. */
import { join } from 'node:path';
import { collectOnceStarted, garbageCollector } from '../host/collect-garbage.ts';
import { beginHost, standFaults } from '../host/host-program.ts';
import { removeHostRecord, tokenPath, writeHostRecord, type HostRecord } from '../host/host-record.ts';
import { readOrCreateToken } from '../host/run-directory.ts';
import { startTimeOf } from '../process-tree.ts';
import { FifoPool } from './fifo-pool.ts';
import {
  activePathOf,
  callsDirectoryOf,
  machineMarker,
  pipesDirectoryOf,
  preparedDirectoryOf,
  prepareStateDirectory,
  protocolVersions,
  service,
  type RunHostSettings,
} from './host-files.ts';
import { RunHostService } from './run-host-service.ts';

const recordOf = async ({ hostId, runDirectory, bootId, buildId }: RunHostSettings): Promise<HostRecord> => ({
  service,
  hostId,
  bootId,
  buildId,
  versions: protocolVersions,
  pid: process.pid,
  startTime: (await startTimeOf(process.pid)) ?? '',
  socketPath: join(runDirectory, `${hostId}.sock`),
  startedAt: new Date().toISOString(),
});

const main = async (settings: RunHostSettings): Promise<void> => {
  const { hostId, stateDirectory, bootId, buildId, lonelyMs } = settings;
  prepareStateDirectory(stateDirectory);
  const record = await recordOf(settings);
  const marker = machineMarker(stateDirectory);
  const pipes = new FifoPool(pipesDirectoryOf(stateDirectory, hostId));
  const host = new RunHostService({
    hostId,
    bootId,
    buildId,
    lonelyMs,
    pipes,
    socketPath: record.socketPath,
    token: readOrCreateToken(tokenPath(stateDirectory)),
    callsDirectory: callsDirectoryOf(stateDirectory),
    activePath: activePathOf(stateDirectory, hostId),
    preparedDirectory: preparedDirectoryOf(stateDirectory, hostId),
    markers: { [marker.name]: marker.value },
    onDone: () => {
      removeHostRecord(stateDirectory, record);
      process.exit();
    },
  });
  standFaults(() => host.stop());
  await pipes.warm();
  // On record before it listens: whoever finds the record waits for the socket while the process lives.
  writeHostRecord(stateDirectory, record);
  await host.listen();
  collectOnceStarted(garbageCollector());
};

await beginHost(main);
