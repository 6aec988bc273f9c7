/** The program of the run-host process: serves hubs on its socket, outlives them, and leaves when nobody needs it. */
import { flushCompileCache } from 'node:module';
import { createServer } from 'node:net';
import { Connection, type Nothing } from '../host/connection.ts';
import { FramedSocket } from '../host/framed-socket.ts';
import { welcomeHub } from '../host/handshake.ts';
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
  removeHostFiles,
  service,
  socketPathOf,
  tokenPathOf,
  warmArgument,
  writeHostProcess,
  type HostArguments,
} from './host-files.ts';
import { RunHost } from './run-host.ts';
import type { RunHostMethods } from './run-protocol.types.ts';

/** Without a hub and without a call the process ends after so long. */
const lonelyMs = 60_000;
/** For the last answer to reach the hub. */
const farewellMs = 100;

const main = async (settings: HostArguments): Promise<void> => {
  const { hostId, build, stateDirectory, runDirectory } = settings;
  process.title = 'navis-run-host';
  prepareStateDirectory(stateDirectory);
  prepareRunDirectory(runDirectory);
  writeHostProcess(settings, hostId, { pid: process.pid, startTime: (await startTimeOf(process.pid)) ?? '' });
  const token = readOrCreateToken(tokenPathOf(stateDirectory));
  const pipes = new FifoPool(pipesDirectoryOf(settings, hostId));
  const marker = machineMarker(stateDirectory);
  const hubs = new Set<object>();

  const leave = (): void => {
    host.close();
    removeHostFiles(settings, hostId);
    process.exit();
  };
  const leaveIfDone = (): void => {
    const isDone = host.isEmpty && !host.takesCalls;
    if (isDone && hubs.size === 0) leave();
    else if (isDone) setTimeout(leave, farewellMs);
    else if (hubs.size === 0) lonely.refresh();
  };
  const lonely = setTimeout(() => (hubs.size === 0 && host.isEmpty ? leave() : lonely.refresh()), lonelyMs);

  const host = new RunHost({
    hostId,
    callsDirectory: callsDirectoryOf(stateDirectory),
    activePath: activePathOf(settings, hostId),
    preparedDirectory: preparedDirectoryOf(settings, hostId),
    pipes,
    markers: { [marker.name]: marker.value },
    onEmpty: leaveIfDone,
  });
  const stop = async (): Promise<{ result: null }> => {
    await host.stop();
    setTimeout(leave, farewellMs);
    return { result: null };
  };

  const server = createServer((socket) => {
    const framed = new FramedSocket(socket);
    const facts = { hostId, build, takesCalls: host.takesCalls };
    welcomeHub(framed, { service, versions: protocolVersions, token, facts }).then(
      () => {
        const onClose = (): void => {
          hubs.delete(framed);
          leaveIfDone();
        };
        hubs.add(framed);
        const handlers = { ...host.handlers, stop };
        void new Connection<Nothing, RunHostMethods, Nothing, Nothing>(framed, { handlers, events: {}, onClose });
      },
      // A peer that does not know the token has been sent away.
      () => undefined,
    );
  });
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
  process.on('SIGTERM', () => void stop());
  await pipes.warm();
  server.listen(socketPathOf(runDirectory, hostId), () => process.stdout.write('ready\n'));
};

const [, , argument = ''] = process.argv;
if (argument === warmArgument) flushCompileCache();
else await main(JSON.parse(argument) as HostArguments);
