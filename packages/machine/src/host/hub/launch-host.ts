/** Starts host processes that outlive the hub, of either kind. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { diskFull } from '../../disk-words.ts';
import { HostError } from '../host-error.ts';
import { loadCodeOnly, readyDescriptor } from '../host-program.ts';
import type { HostSettings } from '../host-settings.types.ts';
import { hostLogPath, hostsDirectory, readHostRecords, removeHostFiles, type HostRecord } from '../host-record.ts';

/** One kind of host. */
export interface HostProgram {
  /** As in its records, such as `pty-host`. */
  service: string;
  file: string;
  /** Of Node.js. */
  flags: readonly string[];
  /** What its processes do, for people: `The process that … could not be started`. */
  duty: string;
}

export interface Launch<Settings extends HostSettings> {
  program: HostProgram;
  settings: Omit<Settings, 'hostId'>;
  /** Ends what is being started. */
  signal: AbortSignal;
}

/** A small machine under load needs seconds; failing sooner would fail calls that only had to wait. */
const startDeadlineMs = 30_000;
/** For a killed process to be gone; only one that is stuck in the kernel takes longer. */
const killDeadlineMs = 2000;
const logTailBytes = 2000;
/** Of a host's first files. */
const neededBytes = 64 * 1024;

/** In the environment of a host while it lives, so that one which is not on record yet is found, too. */
export const hostMarker = (stateDirectory: string, service: string): { name: 'NAVIS_HOST'; value: string } => ({
  name: 'NAVIS_HOST',
  value: `${service}-${createHash('sha256').update(stateDirectory).digest('hex').slice(0, 16)}`,
});

/** Resolves once the host serves; rejects HOST_UNAVAILABLE, and then nothing of it runs or lies around. */
export const launchHost = async <Settings extends HostSettings>(launch: Launch<Settings>): Promise<HostRecord> => {
  const { program, settings, signal } = launch;
  const { stateDirectory } = settings;
  const hostId = `${program.service.replace('-host', '')}-${randomBytes(6).toString('hex')}`;
  mkdirSync(hostsDirectory(stateDirectory), { recursive: true, mode: 0o700 });
  const logPath = hostLogPath(stateDirectory, hostId);
  let child: ChildProcess | null = null;
  try {
    await compileOnce(launch);
    signal.throwIfAborted();
    child = startProcess(launch, { logPath, argument: JSON.stringify({ ...settings, hostId }) });
    await serving(child, signal);
    const record = readHostRecords(stateDirectory, program.service).find((one) => one.hostId === hostId);
    if (record === undefined) throw new Error('it left no record');
    return record;
  } catch (error) {
    if (child !== null) await killNow(child);
    const log = tailOf(logPath);
    removeHostFiles({ stateDirectory, hostId });
    const reason = isFull(stateDirectory) ? diskFull : error instanceof Error ? error.message : String(error);
    throw new HostError('HOST_UNAVAILABLE', `The process that ${program.duty} could not be started (${reason}).`, {
      log,
    });
  }
};

const startProcess = <Settings extends HostSettings>(
  launch: Launch<Settings>,
  { logPath, argument }: { logPath: string; argument: string },
): ChildProcess => {
  const { flags, file } = launch.program;
  const log = openSync(logPath, 'a', 0o600);
  try {
    const child = spawn(process.execPath, [...flags, file, argument], {
      // A session of its own, nothing of the hub's environment, no directory kept busy.
      detached: true,
      cwd: '/',
      env: environmentOf(launch),
      stdio: ['ignore', log, log, 'pipe'],
    });
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
};

/** Resolves when the host has said so; rejects when it ends, takes too long, or is not wanted any more. */
const serving = async (child: ChildProcess, signal: AbortSignal): Promise<void> => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const ready = child.stdio[readyDescriptor];
  const fail = (reason: string) => (): void => reject(new Error(reason));
  const timer = setTimeout(fail(`it did not serve within ${startDeadlineMs / 1000} seconds`), startDeadlineMs);
  const onAbort = fail('the hub stops');
  ready?.once('data', () => resolve()).once('error', reject);
  child.once('error', reject).once('exit', fail('it ended at once'));
  signal.addEventListener('abort', onAbort);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    ready?.destroy();
  }
};

const killNow = async (child: ChildProcess): Promise<void> => {
  const isOver = child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
  if (isOver) return;
  const { promise: isGone, resolve } = Promise.withResolvers<void>();
  child.once('exit', () => resolve());
  // It also keeps this process alive: the child alone does not.
  const timer = setTimeout(resolve, killDeadlineMs);
  child.kill('SIGKILL');
  await isGone;
  clearTimeout(timer);
};

/** Told to Node.js by whoever started this program; one folder serves many homes, such as those of tests. */
const sharedCode = (): string | undefined => process.env.NODE_COMPILE_CACHE || undefined;

const codeCache = <Settings extends HostSettings>({ program, settings }: Launch<Settings>): string => {
  const shared = sharedCode();
  return shared === undefined
    ? join(hostsDirectory(settings.stateDirectory), `${program.service}-code`)
    : join(shared, `${program.service}-${settings.buildId}`);
};

const environmentOf = <Settings extends HostSettings>(launch: Launch<Settings>): Record<string, string> => {
  const { name, value } = hostMarker(launch.settings.stateDirectory, launch.program.service);
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LANG: 'C.UTF-8',
    NODE_COMPILE_CACHE: codeCache(launch),
    [name]: value,
  };
};

/**
 * Once per build the code is compiled by a process of its own: hosts then start without the compiler for TypeScript,
 * whose 20 MB would stay and make every spawn a third slower.
 */
export const compileOnce = async <Settings extends HostSettings>(launch: Launch<Settings>): Promise<void> => {
  const { program, settings, signal } = launch;
  const cache = codeCache(launch);
  const mark = join(cache, `${settings.buildId}.compiled`);
  if (existsSync(mark)) return;
  try {
    // That of the build before.
    if (sharedCode() === undefined) rmSync(cache, { recursive: true, force: true });
    const limits = { timeout: startDeadlineMs, killSignal: 'SIGKILL', signal } as const;
    const options = { env: environmentOf(launch), cwd: '/', ...limits };
    // With the same flags: compiled code is only found by them.
    const compiling = promisify(execFile)(process.execPath, [...program.flags, program.file, loadCodeOnly], options);
    // One that is called off is told before it is gone.
    await compiling.finally(() => killNow(compiling.child));
    writeFileSync(mark, '');
  } catch {
    // It costs memory only.
  }
};

/** A host that finds no room for its files ends, and often cannot even log why. */
const isFull = (directory: string): boolean => {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize < neededBytes;
};

const tailOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8').slice(-logTailBytes);
  } catch {
    return '';
  }
};
