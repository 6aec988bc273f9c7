/** Projects in few words. */
import type { GitSummary, Project } from '@navisai/protocol';

export const describeGit = (git: GitSummary | null): string => {
  if (git === null) return 'no Git';
  const distance = [git.ahead > 0 ? `${git.ahead} ahead` : '', git.behind > 0 ? `${git.behind} behind` : ''];
  return [changesInWords(git), ...distance].filter(Boolean).join(' · ');
};

/** A file may be staged and changed; what is new is counted apart. */
export const changesInWords = (git: GitSummary): string => {
  const facts: [number, string][] = [
    [git.conflicts, git.conflicts === 1 ? 'conflict' : 'conflicts'],
    [git.staged, 'staged'],
    [git.changed, 'changed'],
    [git.untracked, 'new'],
  ];
  const words = facts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return words.length === 0 ? 'no changes' : words.join(', ');
};

export const hasChanges = ({ git }: Pick<Project, 'git'>): boolean =>
  git !== null && git.conflicts + git.staged + git.changed + git.untracked > 0;

/** Every word must be in its name, path, languages or branch. */
export const searchProjects = (projects: readonly Project[], query: string): Project[] => {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return projects.filter(({ name, path, languages, frameworks, git }) => {
    const text = [name, path, ...languages, ...frameworks, git?.branch ?? ''].join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  });
};

const fileState: Readonly<Record<string, string>> = {
  M: 'changed',
  A: 'added',
  D: 'deleted',
  R: 'moved',
  C: 'copied',
  T: 'changed',
  U: 'conflict',
  u: 'conflict',
  '?': 'new',
};

export const fileInWords = ({ index, tree }: { index: string; tree: string }): string => {
  const isConflict = [index, tree].some((letter) => letter.toLowerCase() === 'u');
  if (isConflict) return 'conflict';
  const changed = fileState[tree.trim()];
  const staged = fileState[index.trim()];
  if (staged !== undefined && index !== '?')
    return changed === undefined ? `${staged}, staged` : `${staged}, partly staged`;
  return changed ?? 'changed';
};
