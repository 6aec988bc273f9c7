/** Starts, finds and greets run-host processes for the hub. */
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { NavisError } from '@navisai/protocol';
import { Connection, type Nothing } from '../host/connection.ts';
import { FramedSocket } from '../host/framed-socket.ts';
import { greetHost } from '../host/handshake.ts';
import { readOrCreateToken } from '../host/run-directory.ts';
import { isAlive } from '../process-tree.ts';
import {
  codeCachePathOf,
  logPathOf,
  protocolVersions,
  readHostProcess,
  service,
  socketPathOf,
  tokenPathOf,
  warmArgument,
  type HostArguments,
  type HostPlaces,
} from './host-files.ts';
import type { RunHostMethods } from './run-protocol.types.ts';

export type HostConnection = Connection<RunHostMethods, Nothing, Nothing, Nothing>;

export interface HostLink {
  hostId: string;
  build: string;
  takesCalls: boolean;
  connection: HostConnection;
}

/** The time of a spawn grows with the memory of whoever spawns. */
const smallMemory = ['--max-semi-space-size=1'];
const startDeadlineMs = 10_000;
const connectDeadlineMs = 5000;
/** A host that is just starting listens soon. */
const listenDeadlineMs = 3000;
const retryMs = 20;

export interface LinkRequest {
  places: HostPlaces;
  hostId: string;
  onLost(hostId: string): void;
}

/** Starts a new host; rejects HOST_UNAVAILABLE when it does not come up. */
export const launchHost = async (request: Omit<LinkRequest, 'hostId'> & { build: string }): Promise<HostLink> => {
  const { places, build, onLost } = request;
  const hostId = `run-${randomBytes(6).toString('hex')}`;
  const settings: HostArguments = { ...places, hostId, build };
  await warmCode(places, build);
  const log = openSync(logPathOf(places.stateDirectory), 'a', 0o600);
  const child = spawn(process.execPath, [...smallMemory, hostProgram(), JSON.stringify(settings)], {
    // Nothing of the hub's environment, and no directory kept busy.
    cwd: '/',
    env: hostEnvironment(places),
    stdio: ['ignore', 'pipe', log],
    detached: true,
  });
  closeSync(log);
  child.unref();
  try {
    const output = child.stdout;
    if (output === null) throw new Error('it has no output');
    const ready = once(output, 'data', { signal: AbortSignal.timeout(startDeadlineMs) });
    const ended = once(child, 'exit').then(() => Promise.reject(new Error('it ended at once')));
    await Promise.race([ready, ended]);
    output.destroy();
    return await connectHost({ places, hostId, onLost });
  } catch (error) {
    child.kill('SIGKILL');
    const why = error instanceof Error ? error.message : String(error);
    throw new NavisError('HOST_UNAVAILABLE', `The process that runs commands could not be started (${why}).`);
  }
};

const hostEnvironment = ({ stateDirectory }: HostPlaces): Record<string, string> => ({
  PATH: '/usr/local/bin:/usr/bin:/bin',
  LANG: 'C.UTF-8',
  NODE_COMPILE_CACHE: codeCachePathOf(stateDirectory),
});

/**
 * Once per build, the code is compiled by a process of its own: the host then starts without the compiler for
 * TypeScript, whose 20 MB would stay and make every spawn a third slower.
 */
const warmCode = async (places: HostPlaces, build: string): Promise<void> => {
  const cache = codeCachePathOf(places.stateDirectory);
  const mark = join(cache, `${build}.warm`);
  if (existsSync(mark)) return;
  try {
    rmSync(cache, { recursive: true, force: true });
    const options = { env: hostEnvironment(places), timeout: startDeadlineMs, cwd: '/' };
    await promisify(execFile)(process.execPath, [hostProgram(), warmArgument], options);
    writeFileSync(mark, '');
  } catch {
    // It only costs memory.
  }
};

const hostProgram = (): string => fileURLToPath(new URL('./run-host-main.ts', import.meta.url));

/** Greets a host that runs already; `null` when there is none behind this id any more. */
export const findHost = async (request: LinkRequest): Promise<HostLink | null> => {
  const startedAt = performance.now();
  for (;;) {
    try {
      return await connectHost(request);
    } catch {
      const reference = readHostProcess(request.places, request.hostId);
      const mayCome = reference !== null && (await isAlive(reference));
      if (!mayCome || performance.now() - startedAt > listenDeadlineMs) return null;
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }
};

const connectHost = async ({ places, hostId, onLost }: LinkRequest): Promise<HostLink> => {
  const socket = connect(socketPathOf(places.runDirectory, hostId));
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(connectDeadlineMs) });
  } catch (error) {
    socket.destroy();
    throw error;
  }
  const framed = new FramedSocket(socket);
  const token = readOrCreateToken(tokenPathOf(places.stateDirectory));
  const { facts } = await greetHost(framed, { service, versions: protocolVersions, token });
  const connection: HostConnection = new Connection(framed, {
    handlers: {},
    events: {},
    onClose: () => onLost(hostId),
  });
  return { hostId, build: String(facts['build']), takesCalls: facts['takesCalls'] === true, connection };
};
