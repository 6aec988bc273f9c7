/** Everything below a directory, links not followed, through directories that are held open. */
import type { Dirent } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { NavisError } from '@navisai/protocol';
import { codeOf } from '../../disk-words.ts';
import type { OpenDirectory } from './open-directory.ts';

export type EntryType = 'file' | 'directory' | 'link' | 'other';

export interface WalkedEntry {
  name: string;
  /** Below the start, with slashes. */
  relativePath: string;
  realPath: string;
  type: EntryType;
  /** The directory it lies in; open until the walk goes on. */
  directory: OpenDirectory;
}

export interface WalkOptions {
  maxDepth?: number | undefined;
  /** What is neither told nor entered. */
  isExcluded?(entry: Pick<WalkedEntry, 'name' | 'relativePath'>): boolean;
  /** Throws to end the walk. */
  check(): void;
  /** Throws POLICY_DENIED for what may not be seen: it is left out. */
  allow(realPath: string): void;
}

export interface WalkReport {
  visited: number;
  /** Directories that could not be read, entries that the policy hides. */
  unreadable: number;
  denied: number;
  /** Entries whose names are not UTF-8: they cannot be named in a call. */
  unnameable: number;
}

export const newWalkReport = (): WalkReport => ({ visited: 0, unreadable: 0, denied: 0, unnameable: 0 });

/** What a name becomes that is not UTF-8. */
const replacement = '\ufffd';

/** One directory holds at most this many names in memory. */
export const maxDirectoryEntries = 200_000;
const listBufferSize = 512;

export async function* walk(
  start: OpenDirectory,
  options: WalkOptions,
  report: WalkReport,
): AsyncGenerator<WalkedEntry, void, void> {
  yield* walkBelow({ directory: start, relativePath: '', depth: 1 }, options, report);
}

interface Level {
  directory: OpenDirectory;
  relativePath: string;
  depth: number;
}

async function* walkBelow(
  level: Level,
  options: WalkOptions,
  report: WalkReport,
): AsyncGenerator<WalkedEntry, void, void> {
  const { directory, depth } = level;
  for (const entry of await entriesOf(directory, options, report)) {
    options.check();
    const { name } = entry;
    const relativePath = level.relativePath === '' ? name : `${level.relativePath}/${name}`;
    if (options.isExcluded?.({ name, relativePath }) === true) continue;
    report.visited += 1;
    if (name.includes(replacement)) {
      report.unnameable += 1;
      continue;
    }
    const realPath = join(directory.realPath, name);
    if (!isAllowed(realPath, options, report)) continue;
    const type = direntType(entry);
    yield { name, relativePath, realPath, type, directory };
    if (type !== 'directory' || depth >= (options.maxDepth ?? Number.POSITIVE_INFINITY)) continue;
    const child = await directory.child(name).catch(() => null);
    if (child === null) {
      report.unreadable += 1;
      continue;
    }
    await using opened = child;
    yield* walkBelow({ directory: opened, relativePath, depth: depth + 1 }, options, report);
  }
}

const isAllowed = (realPath: string, { allow }: WalkOptions, report: WalkReport): boolean => {
  try {
    allow(realPath);
    return true;
  } catch (error) {
    if (!(error instanceof NavisError)) throw error;
    report.denied += 1;
    return false;
  }
};

const entriesOf = async (directory: OpenDirectory, { check }: WalkOptions, report: WalkReport): Promise<Dirent[]> => {
  try {
    return await readEntries(directory, check);
  } catch (error) {
    if (error instanceof NavisError) throw error;
    report.unreadable += 1;
    return [];
  }
};

/** Sorted by name. */
export const readEntries = async (directory: OpenDirectory, check: () => void): Promise<Dirent[]> => {
  const entries: Dirent[] = [];
  for await (const entry of await opendir(`${directory.path}/.`, { bufferSize: listBufferSize })) {
    check();
    entries.push(entry);
    if (entries.length > maxDirectoryEntries)
      throw new NavisError(
        'FILE_REFUSED',
        `path: ${directory.realPath} has more than ${maxDirectoryEntries} entries; use the tool terminal.`,
        { field: 'path' },
      );
  }
  return entries.sort((one, other) => (one.name < other.name ? -1 : 1));
};

export const direntType = (entry: Dirent): EntryType => {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  return entry.isSymbolicLink() ? 'link' : 'other';
};

/** What ended because it changed while it was looked at is left out like what was never there. */
export const hasVanished = (error: unknown): boolean => ['ENOENT', 'ELOOP', 'ENOTDIR'].includes(codeOf(error));
