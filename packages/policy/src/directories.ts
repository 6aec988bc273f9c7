/** Which directories a ceiling leaves, as text: links are resolved by whoever has a file system (N12). */
import type { Ceiling } from '@navisai/protocol';

export interface Directory {
  path: string;
  access: 'read' | 'write';
}

/** Absolute, `~` replaced, without `.`, `..`, doubled or closing slashes. */
export const normalPath = (path: string, home: string): string => {
  const absolute = path === '~' || path.startsWith('~/') ? `${home}/${path.slice(1)}` : path;
  const parts: string[] = [];
  for (const part of absolute.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
};

/** Says where it is without a working directory: absolute, or in the home directory. */
export const isPlaced = (path: string): boolean => path.startsWith('/') || path === '~' || path.startsWith('~/');

/** True for the directory itself and everything below it; both are normal paths. */
export const contains = (directory: string, path: string): boolean =>
  directory === '/' || path === directory || path.startsWith(`${directory}/`);

/** The innermost entry decides; of two entries for one path the narrower one. */
export const directoryOf = (directories: readonly Directory[], path: string): Directory | undefined => {
  let found: Directory | undefined;
  for (const directory of directories) {
    if (!contains(directory.path, path)) continue;
    const isInner = found === undefined || directory.path.length > found.path.length;
    if (isInner || (directory.path === found?.path && directory.access === 'read')) found = directory;
  }
  return found;
};

export const directoriesOf = ({ directories }: Ceiling, home: string): Directory[] | null =>
  directories?.map(({ path, access }) => ({ path: normalPath(path, home), access })) ?? null;

/** What both leave: every path of either that the other contains, with the narrower access. */
export const commonDirectories = (one: readonly Directory[], other: readonly Directory[]): Directory[] => {
  const paths = new Set([...one, ...other].map(({ path }) => path));
  return [...paths].flatMap((path) => {
    const [first, second] = [directoryOf(one, path), directoryOf(other, path)];
    if (first === undefined || second === undefined) return [];
    return [{ path, access: first.access === 'write' && second.access === 'write' ? 'write' : 'read' }];
  });
};
