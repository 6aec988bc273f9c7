/** Finds bubblewrap and tries whether it really works here: in many containers it is installed and may do nothing. */
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { promisify } from 'node:util';

export interface Bubblewrap {
  path: string;
  /** Keeps programs from making namespaces of their own, where this version can. */
  namespaceOptions: readonly string[];
  /** Starts the program given after it with no signal ignored; empty where nothing here can. */
  resetSignals: readonly string[];
}

/** Never looked for by PATH: commands may write to places that are in it. */
const usualPlaces = ['/usr/bin/bwrap', '/bin/bwrap', '/usr/local/bin/bwrap', '/run/current-system/sw/bin/bwrap'];
const probeDeadlineMs = 5000;

/** Every namespace but the network's, and no capability. */
export const isolation =
  '--unshare-user --unshare-pid --unshare-ipc --unshare-uts --unshare-cgroup-try --cap-drop ALL'.split(' ');
const wholeSystem = ['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc'];

const signalResets = [
  ['/usr/bin/env', '--default-signal'],
  [
    '/usr/bin/perl',
    '-e',
    '$SIG{$_} = "DEFAULT" for qw(HUP INT QUIT TERM USR1 USR2 TSTP TTIN TTOU); exec { $ARGV[0] } @ARGV',
  ],
];

const run = promisify(execFile);

/** `null` with the reason when nothing here can hold a program. */
export const findBubblewrap = async (): Promise<Bubblewrap | { reason: string }> => {
  const path = usualPlaces.find(isExecutable);
  if (path === undefined) return { reason: 'bubblewrap is not installed; install the package bubblewrap.' };
  const reason = await failureOf(path, []);
  if (reason !== null)
    return { reason: `bubblewrap does not work here, as in containers without user namespaces: ${reason}` };
  const namespaceOptions = ['--disable-userns'];
  const canDisable = (await failureOf(path, namespaceOptions)) === null;
  return { path, namespaceOptions: canDisable ? namespaceOptions : [], resetSignals: await findSignalReset() };
};

/** For the report of a platform. */
export const sandboxKind = async (): Promise<'bubblewrap' | 'none'> =>
  'path' in (await findBubblewrap()) ? 'bubblewrap' : 'none';

const failureOf = async (path: string, options: readonly string[]): Promise<string | null> => {
  try {
    await run(path, [...isolation, '--unshare-net', ...options, ...wholeSystem, '--', '/bin/sh', '-c', ':'], {
      timeout: probeDeadlineMs,
      env: {},
    });
    return null;
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    return said === '' ? 'it gave no answer.' : said.slice(0, 300);
  }
};

const findSignalReset = async (): Promise<readonly string[]> => {
  for (const [program = '', ...args] of signalResets) {
    if (!isExecutable(program)) continue;
    const works = await run(program, [...args, '/bin/sh', '-c', ':'], { timeout: probeDeadlineMs, env: {} }).then(
      () => true,
      () => false,
    );
    if (works) return [program, ...args];
  }
  return [];
};

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};
