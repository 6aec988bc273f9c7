/** Starts run-host processes that outlive the hub. */
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { NavisError } from '@navisai/protocol';
import { hostLogPath, readHostRecords, type HostRecord } from '../host/host-record.ts';
import { codeCachePathOf, prepareStateDirectory, service, warmArgument, type HostArguments } from './host-files.ts';

/** The time of a spawn grows with the memory of whoever spawns. */
const smallMemory = ['--max-semi-space-size=1', '--expose-gc'];
/** A small machine under load needs seconds; failing sooner would fail calls that only had to wait. */
const startDeadlineMs = 30_000;

/** Resolves once the host serves; rejects HOST_UNAVAILABLE, and then it does not run. */
export const launchHost = async (request: Omit<HostArguments, 'hostId'>): Promise<HostRecord> => {
  const { stateDirectory, buildId } = request;
  const hostId = `run-${randomBytes(6).toString('hex')}`;
  prepareStateDirectory(stateDirectory);
  await warmCode(stateDirectory, buildId);
  const log = openSync(hostLogPath(stateDirectory, hostId), 'a', 0o600);
  const settings: HostArguments = { ...request, hostId };
  const child = spawn(process.execPath, [...smallMemory, hostProgram(), JSON.stringify(settings)], {
    // A session of its own, nothing of the hub's environment, no directory kept busy.
    detached: true,
    cwd: '/',
    env: hostEnvironment(stateDirectory),
    stdio: ['ignore', 'pipe', log],
  });
  closeSync(log);
  child.unref();
  const output = child.stdout;
  try {
    if (output === null) throw new Error('it has no output');
    const isReady = once(output, 'data', { signal: AbortSignal.timeout(startDeadlineMs) });
    const hasEnded = once(child, 'exit').then(() => Promise.reject(new Error('it ended at once')));
    await Promise.race([isReady, hasEnded]);
    const record = readHostRecords(stateDirectory, service).find((one) => one.hostId === hostId);
    if (record === undefined) throw new Error('it left no record');
    return record;
  } catch (error) {
    child.kill('SIGKILL');
    const why = error instanceof Error ? error.message : String(error);
    throw new NavisError('HOST_UNAVAILABLE', `The process that runs commands could not be started (${why}).`);
  } finally {
    output?.destroy();
  }
};

const hostProgram = (): string => fileURLToPath(new URL('./run-host-main.ts', import.meta.url));

const hostEnvironment = (stateDirectory: string): Record<string, string> => ({
  PATH: '/usr/local/bin:/usr/bin:/bin',
  LANG: 'C.UTF-8',
  NODE_COMPILE_CACHE: codeCachePathOf(stateDirectory),
});

/**
 * Once per build, the code is compiled by a process of its own: the host then starts without the compiler for
 * TypeScript, whose 20 MB would stay and make every spawn a third slower.
 */
const warmCode = async (stateDirectory: string, buildId: string): Promise<void> => {
  const cache = codeCachePathOf(stateDirectory);
  const mark = join(cache, `${buildId}.warm`);
  if (existsSync(mark)) return;
  try {
    rmSync(cache, { recursive: true, force: true });
    const options = { env: hostEnvironment(stateDirectory), timeout: startDeadlineMs, cwd: '/' };
    // With the same flags: compiled code is only found by them.
    await promisify(execFile)(process.execPath, [...smallMemory, hostProgram(), warmArgument], options);
    writeFileSync(mark, '');
  } catch {
    // It only costs memory.
  }
};
