/** Reads what `git status --porcelain=v2 --branch -z` says (I18). */
import { maxChangedFiles } from '@navisai/protocol';
import type { GitSummary, ProjectDetail } from '@navisai/protocol';

export interface GitStatus {
  summary: Omit<GitSummary, 'insertions' | 'deletions'>;
  files: ProjectDetail['files'];
  isTruncated: boolean;
}

const maxPath = 4096;
const maxName = 1000;

/** Never throws: what is not understood is left out. */
export const parseGitStatus = (text: string): GitStatus => {
  const summary: GitStatus['summary'] = {
    branch: null,
    commit: null,
    upstream: null,
    ahead: 0,
    behind: 0,
    staged: 0,
    changed: 0,
    untracked: 0,
    conflicts: 0,
  };
  const files: GitStatus['files'] = [];
  let isTruncated = false;
  const entries = text.split('\0');
  for (let index = 0; index < entries.length; index += 1) {
    const entry = entries[index] ?? '';
    if (entry.startsWith('# ')) readHeader(summary, entry.slice(2));
    const file = fileOf(entry);
    if (file === null) continue;
    count(summary, file);
    if (files.length < maxChangedFiles) files.push(file);
    else isTruncated = true;
    // The name before a rename is an entry of its own.
    if (entry.startsWith('2 ')) index += 1;
  }
  return { summary, files, isTruncated };
};

const readHeader = (summary: GitStatus['summary'], header: string): void => {
  const [name = '', value = '', other = ''] = header.split(' ');
  if (name === 'branch.head' && value !== '(detached)') summary.branch = value.slice(0, maxName);
  if (name === 'branch.oid' && value !== '(initial)') summary.commit = value.slice(0, 12);
  if (name === 'branch.upstream') summary.upstream = value.slice(0, maxName);
  if (name !== 'branch.ab') return;
  summary.ahead = Math.abs(Number.parseInt(value, 10) || 0);
  summary.behind = Math.abs(Number.parseInt(other, 10) || 0);
};

/** How many words stand before the path, by the kind of an entry. */
const wordsBefore: Readonly<Record<string, number>> = { '1': 8, '2': 9, u: 10 };

const fileOf = (entry: string): ProjectDetail['files'][number] | null => {
  const kind = entry[0] ?? '';
  if (entry[1] !== ' ') return null;
  if (kind === '?') return { path: entry.slice(2, maxPath), index: '?', tree: '?' };
  const words = wordsBefore[kind];
  if (words === undefined) return null;
  const parts = entry.split(' ');
  const path = parts.slice(words).join(' ').slice(0, maxPath);
  const [index = '.', tree = '.'] = parts[1] ?? '';
  return kind === 'u' ? { path, index: 'u', tree: 'u' } : { path, index, tree };
};

const count = (summary: GitStatus['summary'], { index, tree }: ProjectDetail['files'][number]): void => {
  if (index === '?') summary.untracked += 1;
  else if (index === 'u') summary.conflicts += 1;
  else {
    if (index !== '.') summary.staged += 1;
    if (tree !== '.') summary.changed += 1;
  }
};

/** `git diff --numstat`: lines added and removed; binary files count as none. */
export const parseNumbers = (text: string): { insertions: number; deletions: number } => {
  let [insertions, deletions] = [0, 0];
  for (const [, added, removed] of text.matchAll(/^(\d+)\t(\d+)\t/gm)) {
    insertions += Number(added);
    deletions += Number(removed);
  }
  return { insertions, deletions };
};
