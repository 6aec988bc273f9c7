/** The action `list`: one page of a directory. */
import { lstat, readlink } from 'node:fs/promises';
import { fileResults } from '@navisai/protocol';
import type { ToolResult } from '@navisai/protocol';
import { escapeForDisplay } from '../../plain-text/escape-for-display.ts';
import { succeeded } from '../terminal/call-result.ts';
import { fileError } from './file-errors.ts';
import type { OpenDirectory } from './open-directory.ts';
import { modeOf, typeOf } from './regular-file.ts';
import { readEntries } from './walk.ts';
import type { EntryType } from './walk.ts';
import type { CallOf, FileWork } from './work.types.ts';

/** A type alias: it goes into `metadata`. */
type ListedEntry = {
  name: string;
  type: EntryType;
  size_bytes: number;
  modified_at: string;
  mode: string;
  target?: string;
};

export const listDirectory = async ({ files }: FileWork, call: CallOf<'list'>): Promise<ToolResult> => {
  const given = call.path ?? '.';
  await using directory = await files.directory({ given });
  try {
    const { from = 0 } = call;
    const limit = Math.min(call.limit ?? fileResults.default, fileResults.max);
    const all = await readEntries(directory, () => files.check());
    const entries: ListedEntry[] = [];
    for (const { name } of all.slice(from, from + limit)) {
      files.check();
      const entry = await look(directory, name);
      if (entry !== null) entries.push(entry);
    }
    const next = from + limit < all.length ? { next_from: from + limit } : {};
    const more = from + limit < all.length ? [`[${all.length - from - limit} more; from: ${from + limit}]`] : [];
    const lines = entries.length === 0 ? ['(empty)'] : entries.map(lineOf);
    return succeeded([...lines, ...more].join('\n'), {
      path: directory.realPath,
      entries,
      total: all.length,
      ...next,
      truncated: more.length > 0,
    });
  } catch (error) {
    throw fileError(error, given);
  }
};

/** `null` for what has vanished meanwhile. */
const look = async (directory: OpenDirectory, name: string): Promise<ListedEntry | null> => {
  const path = directory.entry(name);
  const facts = await lstat(path, { bigint: true }).catch(() => null);
  if (facts === null) return null;
  const type = typeOf(facts);
  const entry = {
    name,
    type,
    size_bytes: Number(facts.size),
    modified_at: facts.mtime.toISOString(),
    mode: modeOf(facts).toString(8).padStart(3, '0'),
  };
  if (type !== 'link') return entry;
  return { ...entry, target: await readlink(path).catch(() => '?') };
};

const lineOf = ({ name, type, size_bytes: size, modified_at: at, mode, target }: ListedEntry): string => {
  const shownName = escapeForDisplay(name);
  const suffix = { directory: '/', link: ` -> ${escapeForDisplay(target ?? '')}`, file: '', other: ' (special)' }[type];
  return `${mode.padStart(4)} ${String(size).padStart(12)} ${at.slice(0, 19)}Z ${shownName}${suffix}`;
};
