/** What the hub needs of this machine: runtime, folder, disk, clock. */
import { constants } from 'node:fs';
import { access, lstat, readdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { readCliConfig } from '../hub/home.ts';
import type { Check, Finding } from './check.types.ts';

const neededMajor = 26;
const mebibyte = 1024 * 1024;
const scarceBytes = 1024 * mebibyte;
const tooLittleBytes = 100 * mebibyte;
/** I13: signatures are refused beyond five minutes; this much is worth a word. */
const clockWarningMs = 60_000;
const clockProblemMs = 5 * 60_000;

export const checkRuntime: Check = async () => {
  const isFine = Number.parseInt(process.versions.node, 10) >= neededMajor;
  const message = `${process.version} at ${process.execPath}`;
  if (isFine) return [{ check: 'Node.js', state: 'ok', message }];
  const remedy = `Install navisai again with its optional dependencies: they bring Node.js ${neededMajor}.`;
  return [{ check: 'Node.js', state: 'problem', message, remedy }];
};

/** Keys lie below it: nobody else may look. */
export const checkHome: Check = async ({ environment: { home } }) => {
  const check = 'home folder';
  const stat = await lstat(home).catch(() => undefined);
  if (stat === undefined)
    return [{ check, state: 'warning', message: `${home} is not there yet`, remedy: 'navisai up makes it' }];
  if (!stat.isDirectory())
    return [{ check, state: 'problem', message: `${home} is no folder`, remedy: 'Choose another NAVIS_HOME' }];
  const user = process.geteuid?.();
  if (user !== undefined && user !== 0 && stat.uid !== user)
    return [
      { check, state: 'problem', message: `${home} belongs to another user`, remedy: `sudo chown -R $(id -u) ${home}` },
    ];
  if (!(await isUsable(home)))
    return [{ check, state: 'problem', message: `${home} cannot be written`, remedy: `chmod 700 ${home}` }];
  const open = await findOpen(home);
  if (open.length > 0)
    return [
      {
        check,
        state: 'problem',
        message: `others may look into ${open.join(', ')}`,
        remedy: `chmod -R go-rwx ${home}`,
      },
    ];
  return [{ check, state: 'ok', message: home }];
};

const isUsable = (path: string): Promise<boolean> =>
  access(path, constants.R_OK | constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );

/** The home itself when others may enter it, or the keys in it that they could read then. */
const findOpen = async (home: string): Promise<string[]> => {
  const secrets = (await readdir(home)).filter((name) => name.endsWith('.json')).map((name) => join(home, name));
  const open: string[] = [];
  for (const path of [home, ...secrets]) {
    const stat = await lstat(path).catch(() => undefined);
    const isSecret = path === home || /(identity|host-device|hubs)\.json$/.test(path);
    if (stat !== undefined && isSecret && (stat.mode & 0o077) !== 0) open.push(path);
  }
  return open;
};

export const checkConfiguration: Check = async ({ environment: { home } }) => {
  try {
    await readCliConfig(home);
    return [{ check: 'configuration', state: 'ok', message: join(home, 'config.json') }];
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [{ check: 'configuration', state: 'problem', message, remedy: 'Correct the file, or remove it' }];
  }
};

export const checkDisk: Check = async ({ environment: { home, userFolder } }) => {
  const space = (await statfs(home).catch(() => undefined)) ?? (await statfs(userFolder).catch(() => undefined));
  if (space === undefined) return [{ check: 'disk', state: 'warning', message: 'its free space cannot be told' }];
  const free = space.bavail * space.bsize;
  const message = `${Math.floor(free / mebibyte)} MiB free`;
  const remedy = 'Free some space: terminal histories and outputs are kept there.';
  if (free < tooLittleBytes) return [{ check: 'disk', state: 'problem', message, remedy }];
  return [
    free < scarceBytes ? { check: 'disk', state: 'warning', message, remedy } : { check: 'disk', state: 'ok', message },
  ];
};

/** Against the hub's: one that was started before the clock was set differs. */
export const checkClock: Check = async ({ condition }): Promise<Finding[]> => {
  if (condition?.kind !== 'running') return [];
  const differenceMs = Math.abs(Date.parse(condition.status.serverTime) - Date.now());
  const message = `differs from the hub's by ${(differenceMs / 1000).toFixed(1)} s`;
  if (differenceMs < clockWarningMs) return [{ check: 'clock', state: 'ok', message }];
  const remedy = 'Set the clock of this machine (timedatectl set-ntp true), then: navisai restart';
  return [{ check: 'clock', state: differenceMs < clockProblemMs ? 'warning' : 'problem', message, remedy }];
};
