/**
 * Follows links to where a directory of a ceiling really lies, but none that a command could have put there: else a link
 * in a writable directory would widen the ceiling that allows to write it.
 */
import { lstatSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { Ceiling } from '@navisai/protocol';
import { contains, normalPath } from '@navisai/policy';
import type { Directory } from '@navisai/policy';

/** Every place that commands may write, under all of its names. */
export const writableOf = (directories: readonly Directory[]): string[] => [
  ...new Set(directories.flatMap(({ path, access }) => (access === 'write' ? [path, existing(path) ?? path] : []))),
];

/** Without links; `null` when it does not exist or is reached by a link that lies where commands may write. */
export const stableRealPath = (path: string, writable: readonly string[]): string | null => {
  let parent = '/';
  for (const part of path.split('/').filter((name) => name !== '')) {
    const place = join(parent, part);
    const isLink = lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() === true;
    if (isLink && writable.some((directory) => contains(directory, place))) return null;
    const next = isLink ? existing(place) : place;
    if (next === null) return null;
    parent = next;
  }
  return existing(parent) === parent ? parent : null;
};

/** A directory that is reached by a link counts under both of its names. */
export const withRealPaths = (
  ceiling: Ceiling,
  { home, writable }: { home: string; writable: readonly string[] },
): Ceiling => {
  const { directories } = ceiling;
  if (directories === undefined) return ceiling;
  const real = directories.flatMap(({ path, access }) => {
    const named = normalPath(path, home);
    const target = stableRealPath(named, writable);
    return target === null || target === named ? [] : [{ path: target, access }];
  });
  return { ...ceiling, directories: [...directories, ...real] };
};

const existing = (path: string): string | null => {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
};
