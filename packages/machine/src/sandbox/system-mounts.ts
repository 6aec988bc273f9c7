/** The part of the system that programs cannot do without, read only; never all of `/etc`. */
import { lstatSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

const systemLinks = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];

/** Names of users and hosts, how libraries and certificates are found, how shells begin. */
const etcEntries = [
  'passwd group hosts hostname nsswitch.conf host.conf gai.conf services protocols ssl ca-certificates',
  'ca-certificates.conf pki crypto-policies ld.so.cache ld.so.conf ld.so.conf.d localtime timezone',
  'locale.conf alternatives shells profile profile.d bash.bashrc bash bashrc inputrc zsh zshrc zshenv fish',
  'terminfo os-release debian_version mime.types magic gitconfig fonts python3 python3.11 perl java',
]
  .join(' ')
  .split(' ');

export const systemArguments = (options: { isLimitedToPrograms: boolean }): string[] => [
  ...(options.isLimitedToPrograms ? [] : ['--ro-bind', '/usr', '/usr', ...linked(systemLinks)]),
  ...etcEntries.flatMap((name) => ['--ro-bind-try', join('/etc', name), join('/etc', name)]),
  ...resolverArguments(),
];

/** Links as they are (`/bin` to `usr/bin`), directories of their own as such. */
export const linked = (paths: readonly string[]): string[] =>
  paths.flatMap((path) => {
    const facts = lstatSync(path, { throwIfNoEntry: false });
    if (facts?.isDirectory() === true) return ['--ro-bind', path, path];
    return linksOnly([path]);
  });

export const linksOnly = (paths: readonly string[]): string[] =>
  paths
    .filter((path) => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true)
    .flatMap((path) => ['--symlink', readlinkSync(path), path]);

/** Often a link into /run, which is empty in a sandbox. */
const resolverArguments = (): string[] => {
  try {
    return ['--ro-bind', realpathSync('/etc/resolv.conf'), '/etc/resolv.conf'];
  } catch {
    return [];
  }
};

/** Belongs to the system: read only with any ceiling, unless it names something inside. */
export const systemPlaces = [
  '/bin',
  '/boot',
  '/efi',
  '/etc',
  '/lib',
  '/lib32',
  '/lib64',
  '/libx32',
  '/nix',
  '/opt',
  '/sbin',
  '/snap',
  '/sys',
  '/usr',
  '/var',
];

/** Shows, or leads to, what runs outside: with a ceiling nothing reaches the real ones. */
export const machinePlaces = ['/dev', '/proc', '/run', '/var/run'];

/** What a ceiling without directories leaves: all that belongs to people, and the system to read. */
export const everythingOf = (home: string): { path: string; access: 'read' | 'write' }[] => {
  const kept = new Set([...systemPlaces, ...machinePlaces, '/lost+found', '/tmp', '/proc']);
  const places = readdirSync('/').map((name) => `/${name}`);
  const open = places.filter((path) => !kept.has(path) && lstatSync(path, { throwIfNoEntry: false })?.isDirectory());
  return [
    { path: '/', access: 'read' },
    ...open.map((path) => ({ path, access: 'write' as const })),
    ...(open.some((path) => home === path || home.startsWith(`${path}/`))
      ? []
      : [{ path: home, access: 'write' as const }]),
  ];
};
