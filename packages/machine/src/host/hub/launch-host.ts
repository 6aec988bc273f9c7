/** Starts pty-host processes that outlive the hub, and says which code they run. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { HostError } from '../host-error.ts';
import { hostLogPath, hostsDirectory, readHostRecords, type HostRecord } from '../host-record.ts';
import type { PtyHostConfig } from '../pty-host.ts';
import { ptyHostService } from '../pty-host-protocol.ts';

/** A small machine under load needs seconds; failing sooner would fail calls that only had to wait. */
const startDeadlineMs = 30_000;
const logTailBytes = 2000;
/** Lets the host program only load its code. */
const loadCodeOnly = 'load-code';

/** Resolves once the host serves; rejects HOST_UNAVAILABLE, and then it does not run. */
export const launchHost = async (config: Omit<PtyHostConfig, 'hostId'>): Promise<HostRecord> => {
  const { stateDirectory } = config;
  const hostId = `pty-${randomBytes(6).toString('hex')}`;
  mkdirSync(hostsDirectory(stateDirectory), { recursive: true, mode: 0o700 });
  await compileOnce(stateDirectory, config.buildId);
  const logPath = hostLogPath(stateDirectory, hostId);
  const log = openSync(logPath, 'a', 0o600);
  const child = spawn(process.execPath, [hostProgram(), JSON.stringify({ ...config, hostId })], {
    // A session of its own, nothing of the hub's environment, no directory kept busy.
    detached: true,
    cwd: '/',
    env: hostEnvironment(stateDirectory),
    stdio: ['ignore', log, log, 'pipe'],
  });
  closeSync(log);
  child.unref();
  const ready = child.stdio[3] as Readable;
  try {
    const isReady = once(ready, 'data', { signal: AbortSignal.timeout(startDeadlineMs) });
    const hasEnded = once(child, 'exit').then(() => Promise.reject(new Error('it ended at once')));
    await Promise.race([isReady, hasEnded]);
    const record = readHostRecords(stateDirectory, ptyHostService).find((one) => one.hostId === hostId);
    if (record === undefined) throw new Error('it left no record');
    return record;
  } catch (error) {
    child.kill('SIGKILL');
    const reason = error instanceof Error ? error.message : String(error);
    throw new HostError('HOST_UNAVAILABLE', `The process that keeps terminals could not be started (${reason}).`, {
      log: tailOf(logPath),
    });
  } finally {
    ready.destroy();
  }
};

const hostProgram = (): string => fileURLToPath(new URL('../pty-host.ts', import.meta.url));
const codeCache = (stateDirectory: string): string => join(hostsDirectory(stateDirectory), 'code-cache');

const hostEnvironment = (stateDirectory: string): Record<string, string> => ({
  PATH: '/usr/local/bin:/usr/bin:/bin',
  LANG: 'C.UTF-8',
  NODE_COMPILE_CACHE: codeCache(stateDirectory),
  // Freed memory goes back to the system instead of staying in each thread's own pool.
});

/** Once per build another process compiles the code, so that hosts start without the compiler and its memory. */
const compileOnce = async (stateDirectory: string, buildId: string): Promise<void> => {
  const mark = join(codeCache(stateDirectory), `${buildId}.compiled`);
  if (existsSync(mark)) return;
  try {
    rmSync(codeCache(stateDirectory), { recursive: true, force: true });
    const options = { env: hostEnvironment(stateDirectory), timeout: startDeadlineMs, cwd: '/' };
    await promisify(execFile)(process.execPath, [hostProgram(), loadCodeOnly], options);
    writeFileSync(mark, '');
  } catch {
    // It costs memory only.
  }
};

const tailOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8').slice(-logTailBytes);
  } catch {
    return '';
  }
};

/** Changes whenever the code that a host loads may have changed. */
export const currentBuildId = (): string => {
  const hash = createHash('sha256').update(process.version);
  // Published, everything lies in one folder.
  const isBundle = import.meta.url.endsWith('.js');
  const source = fileURLToPath(new URL(isBundle ? '.' : '../..', import.meta.url));
  for (const folder of isBundle ? [''] : ['host', 'host/screen', '.', '..']) {
    for (const name of codeNames(join(source, folder), folder)) {
      hash.update(name).update(readFileSync(join(source, folder, name)));
    }
  }
  return hash.digest('hex').slice(0, 16);
};

/** Of the folders above only what a host loads: how processes are read, and the versions of its libraries. */
const codeNames = (directory: string, folder: string): string[] => {
  const isCode = (name: string): boolean => /(?<!\.(test|types|fixture))\.(ts|js)$/.test(name);
  const above: Record<string, RegExp> = { '.': /^process-table-linux\.(ts|js)$/, '..': /^package\.json$/ };
  try {
    return readdirSync(directory)
      .filter((name) => above[folder]?.test(name) ?? isCode(name))
      .toSorted();
  } catch {
    return [];
  }
};

/** Different after every start of the machine; empty where that cannot be told. */
export const currentBootId = (): string => {
  try {
    if (process.platform !== 'darwin') return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return execFileSync('/usr/sbin/sysctl', ['-n', 'kern.bootsessionuuid'], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
};
