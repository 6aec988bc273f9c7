/** With a list of programs: their files, the shells, and the libraries that they need; no other program exists then. */
import { accessSync, constants, openSync, readdirSync, readSync, closeSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { linked, linksOnly } from './system-mounts.ts';

const shells = new Set(['ash', 'bash', 'dash', 'fish', 'ksh', 'mksh', 'rbash', 'sh', 'zsh']);
export const isShell = (program: string): boolean => shells.has(basename(program));

/** Start every program, check directories, and tell the environment; they run nothing that is not there. */
const helpers = ['/bin/sh', '/bin/bash', '/usr/bin/env', '/usr/bin/stat', '/bin/stat'];
const libraryLinks = ['/lib', '/lib32', '/lib64', '/libx32'];
const companionPlaces = ['/usr/lib', '/usr/libexec'];
/** `#!` and one path. */
const shebang = /^#! *(\/[^\s]+)(?:[ \t]+([^\s]+))?/;

export interface ProgramRequest {
  programs: readonly string[];
  /** Of the commands. */
  searchPath: string;
}

export const programArguments = ({ programs, searchPath }: ProgramRequest): string[] => {
  const files = new Map<string, string>();
  const add = (name: string, depth = 0): void => {
    const found = name.startsWith('/') ? name : findProgram(name, searchPath);
    if (found === null || depth > 3) return;
    const place = placeOf(found);
    if (place === null || files.has(place.target)) return;
    files.set(place.target, place.source);
    for (const interpreter of interpretersOf(place.source)) add(interpreter, depth + 1);
  };
  for (const program of [...helpers, ...programs]) add(program);
  const names = [...files].flatMap(([target, source]) => [basename(target), basename(source)]);
  return [
    ...libraryArguments(),
    ...companions(names).flatMap((path) => ['--ro-bind', path, path]),
    ...linksOnly(['/bin', '/sbin']),
    ...[...files].flatMap(([target, source]) => ['--ro-bind', source, target]),
  ];
};

const findProgram = (name: string, searchPath: string): string | null =>
  searchPath
    .split(':')
    .filter((place) => place.startsWith('/'))
    .map((place) => join(place, name))
    .find(isProgram) ?? null;

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

/** `/bin` may be a link to `usr/bin`: the file is put where the link leads. */
const placeOf = (path: string): { target: string; source: string } | null => {
  try {
    return { target: join(realpathSync(dirname(path)), basename(path)), source: realpathSync(path) };
  } catch {
    return null;
  }
};

const interpretersOf = (path: string): string[] => {
  const buffer = Buffer.alloc(256);
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    const line = buffer.toString('latin1', 0, readSync(descriptor, buffer)).split('\n')[0] ?? '';
    const [, interpreter, argument] = shebang.exec(line) ?? [];
    if (interpreter === undefined) return [];
    return basename(interpreter) === 'env' && argument !== undefined ? [interpreter, argument] : [interpreter];
  } catch {
    return [];
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
};

/** Directories of shared libraries only, where the system keeps them apart from programs. */
const libraryArguments = (): string[] => {
  const places = entriesOf('/usr/lib').filter(
    (name) => /-linux-(gnu|musl)/.test(name) || /^(locale|terminfo|ssl)$/.test(name),
  );
  const isApart = places.some((name) => name.includes('-linux-')) || entriesOf('/usr/lib64').length > 0;
  const directories = isApart ? places.map((name) => join('/usr/lib', name)) : ['/usr/lib'];
  const others = ['/usr/lib32', '/usr/lib64', '/usr/libx32', '/usr/local/lib', '/usr/share'];
  const binds = [...directories, ...others].flatMap((path) => ['--ro-bind-try', path, path]);
  return [...binds, ...linked(libraryLinks)];
};

/** Such as `/usr/lib/git-core` for git and `/usr/lib/python3.11` for python3. */
const companions = (names: readonly string[]): string[] => {
  const stems = new Set(names.filter((name) => !isShell(name)).map((name) => name.replace(/[\d.-]+$/, '')));
  const isCompanion = (entry: string): boolean =>
    [...stems].some(
      (stem) => stem.length > 1 && entry.startsWith(stem) && /^([-.\d].*)?$/.test(entry.slice(stem.length)),
    );
  return companionPlaces.flatMap((place) =>
    entriesOf(place)
      .filter(isCompanion)
      .map((entry) => join(place, entry)),
  );
};

const entriesOf = (path: string): string[] => {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
};
