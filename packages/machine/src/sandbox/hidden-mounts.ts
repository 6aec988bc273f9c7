/**
 * Puts something empty over the machine's own state wherever a directory of the ceiling would show it, and keeps the way
 * to it in place: a directory that is a mount point can neither be renamed nor removed, so commands cannot move the state
 * to where nothing hides it.
 */
import { lstatSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { NavisError } from '@navisai/protocol';
import { contains } from '@navisai/policy';
import type { Mount } from './mounts.types.ts';

/** Rejects what cannot be kept hidden, saying why. */
export const hiddenMounts = (hiddenPaths: readonly string[], shown: readonly Mount[]): Mount[] => {
  for (const path of outermost(hiddenPaths)) refuseReplaceable(path, shown);
  return coveringMounts(hiddenPaths, shown);
};

/** What exists of the paths, covered wherever it would be shown. */
export const coveringMounts = (hiddenPaths: readonly string[], shown: readonly Mount[]): Mount[] => {
  const mounts = new Map<string, Mount>();
  for (const path of outermost(hiddenPaths)) {
    const real = realPathOf(path);
    if (real === null) continue;
    const isDirectory = statSync(real).isDirectory();
    for (const outer of shown) {
      if (!contains(outer.source, real)) continue;
      const target = targetOf(outer, real);
      mounts.set(target, { kind: isDirectory ? 'emptyDirectory' : 'emptyFile', source: real, target });
      for (const pin of pinsBetween(outer, real)) if (!mounts.has(pin.target)) mounts.set(pin.target, pin);
    }
  }
  return [...mounts.values()];
};

/** What lies in something hidden is hidden with it, whether it exists or not. */
const outermost = (paths: readonly string[]): string[] =>
  paths.filter((path) => !paths.some((other) => other !== path && contains(other, path)));

const realPathOf = (path: string): string | null => {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
};

const targetOf = ({ source, target }: Mount, path: string): string => join(target, relative(source, path));

/** A part of the way that is a link, or is missing, could be put in place by a command that may write there. */
const refuseReplaceable = (path: string, shown: readonly Mount[]): void => {
  const parts = path.split('/').filter((part) => part !== '');
  for (const index of parts.keys()) {
    const parent = realPathOf(`/${parts.slice(0, index).join('/')}`);
    if (parent === null) return;
    const place = join(parent, parts[index] ?? '');
    const facts = lstatSync(place, { throwIfNoEntry: false });
    const outer = innermost(shown, place);
    if ((facts !== undefined && !facts.isSymbolicLink()) || outer?.kind !== 'write') continue;
    const why = facts === undefined ? 'does not exist' : 'is a link';
    throw new NavisError(
      'SANDBOX_UNAVAILABLE',
      `${path} must stay out of reach of commands, but ${place} ${why} inside of ${outer.target}, which the ceiling lets them write. Put a real file or directory there, or name narrower directories in the ceiling.`,
    );
  }
};

const innermost = (shown: readonly Mount[], path: string): Mount | undefined =>
  shown
    .filter(({ source }) => contains(source, path))
    .reduce<Mount | undefined>(
      (inner, mount) => (inner !== undefined && inner.source.length > mount.source.length ? inner : mount),
      undefined,
    );

/** The directories between a writable one and what is hidden or held in it. */
export const pinsBetween = ({ kind, source, target }: Mount, hidden: string): Mount[] => {
  if (kind !== 'write') return [];
  const pins: Mount[] = [];
  for (let path = dirname(hidden); path !== source && contains(source, path); path = dirname(path))
    pins.push({ kind: 'write', source: path, target: join(target, relative(source, path)) });
  return pins;
};

/** What is executed outside of any sandbox when the person logs in; what of it exists can only be read. */
const startUpFiles = [
  '.bashrc .bash_profile .bash_login .bash_logout .profile .zshrc .zshenv .zprofile .zlogin .kshrc .xprofile',
  '.xsessionrc .xinitrc .pam_environment .ssh .gitconfig .config/autostart .config/environment.d .config/fish',
  '.config/git .config/systemd .local/bin bin',
]
  .join(' ')
  .split(' ');

export const startUpMounts = (home: string, shown: readonly Mount[]): Mount[] =>
  shown
    .filter(({ kind, source }) => kind === 'write' && contains(source, home))
    .flatMap((outer) =>
      startUpFiles
        .map((name) => join(home, name))
        .filter((path) => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === false)
        .map((path): Mount => ({ kind: 'read', source: path, target: targetOf(outer, path) })),
    );
