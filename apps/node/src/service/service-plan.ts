/** What `service` works on: which manager, whose service, which files. */
import { existsSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { NavisError } from '@navisai/protocol';
import { readFileIfThere } from '@navisai/service';
import type { Flags } from '../settings/flags.ts';
import type { Settings } from '../settings/settings.ts';
import { escapeXml, launchdPlist } from './launchd-plist.ts';
import { systemdUnit, unitWord } from './systemd-unit.ts';

export interface ServicePlan {
  manager: 'systemd' | 'launchd';
  /** For the machine, started at boot; else for this user. */
  isSystem: boolean;
  /** Of the service manager. */
  name: string;
  file: string;
  content: string;
  /** Occurs in the file when it is about this home. */
  mark: string;
  /** A scratch folder stands for `/`: files only. */
  isScratch: boolean;
}

const names = { systemd: 'navis-node.service', launchd: 'com.navis.node' } as const;

/** Throws NavisError INVALID_ARGUMENT or FORBIDDEN. */
export const planService = (flags: Flags, settings: Settings): ServicePlan => {
  const isRoot = process.getuid?.() === 0;
  const isSystem = flags.system || isRoot;
  const isScratch = flags.root !== undefined;
  if (flags.user !== undefined && !/^[a-z_][a-z0-9_-]{0,31}$/.test(flags.user))
    throw new NavisError('INVALID_ARGUMENT', '--user must be the name of an account.', { field: 'user' });
  if (flags.user !== undefined && !isSystem)
    throw new NavisError('INVALID_ARGUMENT', '--user is for --system.', { field: 'user' });
  const isChange = flags.serviceAction === 'install' || flags.serviceAction === 'remove';
  if (isSystem && !isRoot && !isScratch && isChange)
    throw new NavisError(
      'FORBIDDEN',
      'A service of the whole machine needs root. Leave --system away for one of your own.',
    );
  const manager = process.platform === 'darwin' ? 'launchd' : 'systemd';
  const name = names[manager];
  const run = { command: commandOf(settings), isSystem, user: flags.user, home: settings.person.home };
  const content =
    manager === 'systemd' ? systemdUnit(run) : launchdPlist({ ...run, label: name, logs: settings.folder.logs });
  const file = resolve(flags.root ?? '/', `.${join('/', folderOf(manager, isSystem, settings), fileName(name))}`);
  const mark =
    manager === 'systemd' ? ` --home ${unitWord(settings.home)}\n` : `<string>${escapeXml(settings.home)}</string>`;
  return { manager, isSystem, name, file, content, mark, isScratch };
};

const fileName = (name: string): string => (name.endsWith('.service') ? name : `${name}.plist`);

const folderOf = (manager: ServicePlan['manager'], isSystem: boolean, { person }: Settings): string => {
  if (manager === 'launchd') return isSystem ? '/Library/LaunchDaemons' : join(person.home, 'Library', 'LaunchAgents');
  return isSystem ? '/etc/systemd/system' : join(person.configDirectory, 'systemd', 'user');
};

/** Absolute, of the pinned runtime: a service has no PATH that anybody chose. */
const commandOf = ({ home }: Settings): string[] => {
  const [, main = ''] = process.argv;
  const command = [realpathSync(process.execPath), realpathSync(main), '--home', home];
  if (command.some((word) => /\p{Cc}/u.test(word)))
    throw new NavisError('INVALID_ARGUMENT', 'A service cannot be made for a path with control characters.');
  return command;
};

/** A machine has one such file, and it may be about a node in another home: that one is not touched. */
export const findInstalled = ({ file, mark }: ServicePlan): 'none' | 'own' | 'foreign' => {
  const text = readFileIfThere(file);
  if (text === undefined) return 'none';
  return text.includes(mark) ? 'own' : 'foreign';
};

/** Throws NavisError CONFLICT where the program will not stay. */
export const requireLastingProgram = ({ content }: ServicePlan): void => {
  if (!content.includes('/_npx/')) return;
  throw new NavisError(
    'CONFLICT',
    'This program lies in a cache of npx, which may be emptied at any time. Install it first: npm install -g navisai',
  );
};

export const isSystemdRunning = (): boolean => existsSync('/run/systemd/system');
