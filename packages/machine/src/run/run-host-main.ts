/** The program of a run-host: started by a hub, outlives it, owns one-shot commands on pipes. */
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { removeHostRecord, tokenPath, writeHostRecord, type HostRecord } from '../host/host-record.ts';
import { closeInheritedDescriptors } from '../host/inherited-descriptors.ts';
import { prepareRunDirectory, readOrCreateToken } from '../host/run-directory.ts';
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
  removeOwnFiles,
  service,
  warmArgument,
  type HostArguments,
} from './host-files.ts';
import { RunHostService } from './run-host-service.ts';

const log = (event: string, reason: string): void => {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), event, reason })}\n`);
};

const recordOf = async ({ hostId, runDirectory, bootId, buildId }: HostArguments): Promise<HostRecord> => ({
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

const main = async (settings: HostArguments): Promise<void> => {
  const { hostId, stateDirectory, bootId, buildId, lonelyMs } = settings;
  process.title = 'navis-run-host';
  prepareStateDirectory(stateDirectory);
  prepareRunDirectory(settings.runDirectory);
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
      removeOwnFiles(stateDirectory, hostId);
      removeHostRecord(stateDirectory, record);
      process.exit();
    },
  });
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGUSR1'] as const) process.on(signal, () => undefined);
  process.on('SIGTERM', () => void host.stop());
  // One call's fault must not end the others.
  process.on('uncaughtException', (error) => log('fault', error.stack ?? error.message));
  process.on('unhandledRejection', (error) => log('fault', String(error)));
  await pipes.warm();
  // On record before it listens: whoever finds the record waits for the socket while the process lives.
  writeHostRecord(stateDirectory, record);
  await host.listen();
  process.stdout.write('ready\n');
};

const [, , argument = ''] = process.argv;
if (argument === warmArgument) {
  flushCompileCache();
} else {
  closeInheritedDescriptors(process.stderr.fd);
  await main(JSON.parse(argument) as HostArguments);
}
