/**
 * What an agent's programs must not reach, and what they may only read (A7): Navis itself, and doors through which a
 * program outside of the mask would do what it is told: buses, multiplexers, container engines, desktops, editors.
 */
import { lstatSync, mkdirSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { contains } from '@navisai/policy';
import type { Mount } from '../sandbox/mounts.types.ts';
import { systemPlaces } from '../sandbox/system-mounts.ts';

export interface MaskRequest {
  /** The person's. */
  home: string;
  /** State, keys, sockets of Navis. */
  hiddenPaths: readonly string[];
  programPaths: readonly string[];
  runtimeDirectory: string | undefined;
  userId: number;
}

export interface MaskPlaces {
  /** Both as named and where they really lie. */
  hidden: string[];
  readOnly: string[];
  /** Inside of something read only. */
  writable: string[];
  /** What is shown of `/run`, which is empty otherwise. */
  kept: Mount[];
  devices: string[];
  userId: number;
}

export const maskPlaces = (request: MaskRequest): MaskPlaces => {
  const { home, hiddenPaths, programPaths, runtimeDirectory, userId } = request;
  const inHome = (names: readonly string[]): string[] => names.map((name) => join(home, name));
  const doors = [
    ...inHome(doorsInHome),
    ...temporaryDoors(userId),
    // In /run it is hidden with everything else there.
    ...(runtimeDirectory === undefined ? [] : doorsInRuntime.map((name) => join(runtimeDirectory, name))),
  ];
  const system = userId === 0 ? systemPlaces : ['/sys'];
  return {
    hidden: withRealPaths([...hiddenPaths, ...[join(home, '.navis'), ...doors].filter(exists)]),
    readOnly: realPathsOf([...system.filter(isUsed), ...programPaths, ...inHome(startedFromHome)]),
    writable: realPathsOf([join(home, '.ssh/known_hosts'), ...(userId === 0 ? [home, ...writableOfSystem] : [])]),
    kept: keptMounts(userId),
    devices: devices(),
    userId,
  };
};

/** Sockets of programs that start others when they are asked to, and what opens a desktop. */
const doorsInHome = [
  '.Xauthority .ICEauthority .screen .abduco .dtach .colima .lima .rd .docker/run .docker/desktop .emacs.d/server',
  '.local/share/pueue .local/share/wezterm .local/share/zellij .local/state/watchman .local/share/containers/podman',
]
  .join(' ')
  .split(' ');

const doorsInRuntime =
  'bus systemd dbus-1 podman docker.sock docker containerd containerd-rootless emacs wezterm zellij tmux screen'.split(
    ' ',
  );

/** What a service manager, a desktop or a login outside runs by itself. Missing ones can be made: see docs/policy.md. */
const startedFromHome = [
  '.ssh .config/systemd .config/autostart .config/environment.d .local/share/systemd .local/share/dbus-1',
  '.pam_environment',
]
  .join(' ')
  .split(' ');

/** For user 0, whose programs could otherwise change what everything outside executes. */
const writableOfSystem = ['/var/tmp', '/var/www'];

const temporaryNames = (userId: number): RegExp =>
  new RegExp(`^(tmux-${userId}|zellij-${userId}|emacs${userId}|screens|\\.X11-unix|\\.ICE-unix|kitty-.*|nvim\\..*)$`);
/** Named overflow: further ones are reached by agents. */
const maxTemporaryDoors = 100;

const temporaryDoors = (userId: number): string[] => {
  prepareForTmux(userId);
  const wanted = temporaryNames(userId);
  return namesIn('/tmp')
    .filter((name) => wanted.test(name))
    .slice(0, maxTemporaryDoors)
    .map((name) => join('/tmp', name));
};

/** Made before tmux does, so that it is hidden also from what runs already when tmux is started. */
const prepareForTmux = (userId: number): void => {
  if (!isThere('/usr/bin/tmux')) return;
  try {
    mkdirSync(`/tmp/tmux-${userId}`, { mode: 0o700 });
  } catch {
    // It is there, which is all that counts.
  }
};

/** Names of users and hosts, mounted disks, services that execute nothing for their callers. */
const keptOfRun = [
  'systemd/resolve resolvconf nscd host',
  'avahi-daemon cups postgresql mysqld mariadb redis memcached current-system booted-system opengl-driver',
  'opengl-driver-32 utmp .containerenv',
]
  .join(' ')
  .split(' ');
const writableOfRun = ['media', 'shm'];
/** So that git can sign and reach other machines. */
const agentsOfUser =
  'gnupg keyring/ssh keyring/.ssh gcr/ssh ssh-agent ssh-agent.socket ssh-agent.sock openssh_agent'.split(' ');

/** How names are looked up lies there under a name of each system's own. */
const resolverFile = (): string[] => realPathsOf(['/etc/resolv.conf']).filter((path) => contains('/run', path));

const keptMounts = (userId: number): Mount[] =>
  [
    ...resolverFile().map((path) => ({ kind: 'read' as const, path })),
    ...keptOfRun.map((name) => ({ kind: 'read' as const, path: join('/run', name) })),
    ...agentsOfUser.map((name) => ({ kind: 'read' as const, path: join(`/run/user/${userId}`, name) })),
    ...writableOfRun.map((name) => ({ kind: 'write' as const, path: join('/run', name) })),
  ]
    .filter(({ path }) => isThere(path))
    .map(({ kind, path }) => ({ kind, source: path, target: path }));

/** No disks, no other terminals, no keyboards: what programs of people use. */
const usualDevices = /^(shm|dri|snd|kvm|kfd|nvidia.*|video\d+|ttyUSB\d+|ttyACM\d+)$/;
const devices = (): string[] =>
  namesIn('/dev')
    .filter((name) => usualDevices.test(name))
    .map((name) => join('/dev', name));

const withRealPaths = (paths: readonly string[]): string[] => [...new Set([...paths, ...realPathsOf(paths)])];

/** Of those that exist. */
const realPathsOf = (paths: readonly string[]): string[] => {
  const real = paths.filter(exists).flatMap((path) => {
    try {
      return [realpathSync(path)];
    } catch {
      return [];
    }
  });
  // What lies in another of them needs no place of its own.
  return [...new Set(real)].filter((path) => !real.some((other) => other !== path && contains(other, path)));
};

const exists = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

const isUsed = (path: string): boolean => isThere(path) && namesIn(path).length > 0;

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === false;

const namesIn = (path: string): string[] => {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
};
