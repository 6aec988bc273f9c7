/** Reads a diff in Git's own form, file by file, for pages that show it. */
import { parseHunks } from '../conversation/diff/parse-hunks.ts';
import type { DiffLine } from '../conversation/diff/parse-hunks.ts';

export interface FileDiff {
  path: string;
  /** Where it was before, when it was moved. */
  movedFrom: string | null;
  isBinary: boolean;
  added: number;
  removed: number;
  lines: DiffLine[];
}

/** What is no diff is left out; a diff that was cut in the middle is read as far as it goes. */
export const parseDiff = (diff: string): FileDiff[] =>
  diff
    .split(/^(?=diff --git )/m)
    .filter((part) => part.startsWith('diff --git '))
    .map(parseFile);

const parseFile = (part: string): FileDiff => {
  const rows = part.replace(/\n$/, '').split('\n');
  const firstHunk = rows.findIndex((row) => row.startsWith('@@ '));
  const head = firstHunk < 0 ? rows : rows.slice(0, firstHunk);
  const lines = firstHunk < 0 ? [] : parseHunks(rows.slice(firstHunk));
  return {
    path: pathOf(head),
    movedFrom: fieldOf(head, 'rename from ') ?? null,
    isBinary: head.some((row) => row.startsWith('Binary files ') || row.startsWith('GIT binary patch')),
    added: lines.filter(({ kind }) => kind === 'added').length,
    removed: lines.filter(({ kind }) => kind === 'removed').length,
    lines,
  };
};

const fieldOf = (head: readonly string[], field: string): string | undefined =>
  head
    .find((row) => row.startsWith(field))
    ?.slice(field.length)
    .replace(/\t$/, '');

/** The name after the change; of what was deleted the one before. */
const pathOf = (head: readonly string[]): string => {
  const named = [fieldOf(head, '+++ '), fieldOf(head, '--- ')]
    .filter((name) => name !== undefined)
    .map(unquote)
    .find((name) => name !== '/dev/null');
  if (named !== undefined) return named.replace(/^[ab]\//, '');
  const renamed = fieldOf(head, 'rename to ');
  if (renamed !== undefined) return unquote(renamed);
  const both = (head[0] ?? '').slice('diff --git '.length);
  // Both halves are the same but for their first letter where only the mode or binary content changed.
  return unquote(both.slice(Math.ceil(both.length / 2))).replace(/^[ab]\//, '');
};

/** Git quotes names with unusual letters, whose bytes it writes in octal. */
const unquote = (name: string): string => {
  if (!/^".*"$/.test(name)) return name;
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (const [, octal, escaped, plain] of name.slice(1, -1).matchAll(/\\([0-7]{3})|\\(.)|([^\\]+)/gs)) {
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8));
    else bytes.push(...encoder.encode(plain ?? letters[escaped ?? ''] ?? escaped ?? ''));
  }
  return new TextDecoder().decode(new Uint8Array(bytes));
};

const letters: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };
