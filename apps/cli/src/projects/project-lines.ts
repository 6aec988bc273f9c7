/** Projects as a person reads them: the table of all, everything about one. */
import type { DiscoveryProgress, GitSummary, Project, ProjectDetail } from '@navisai/protocol';
import type { Output } from '../output/output.ts';
import { printable } from '../output/printable.ts';

type Names = ReadonlyMap<string, string>;

export const projectTable = (projects: readonly Project[], names: Names, output: Output): string[] =>
  output.table(
    ['NAME', 'NODE', 'BRANCH', 'CHANGES', 'KIND', 'PATH'],
    projects.map((project) => [
      project.name,
      names.get(project.nodeId) ?? project.nodeId,
      project.git === null ? '-' : branchOf(project.git),
      project.git === null ? '-' : changesOf(project.git),
      [...project.languages, ...project.frameworks].join(', ') || '-',
      project.path,
    ]),
  );

const branchOf = ({ branch, commit, ahead, behind }: GitSummary): string => {
  const distance = [...(ahead > 0 ? [`${ahead} ahead`] : []), ...(behind > 0 ? [`${behind} behind`] : [])];
  return [branch ?? `at ${commit ?? 'nothing'}`, ...distance].join(', ');
};

const changesOf = ({ staged, changed, untracked, conflicts, insertions, deletions }: GitSummary): string => {
  const counts = Object.entries({ conflicts, staged, changed, untracked }).filter(([, count]) => count > 0);
  if (counts.length === 0) return 'none';
  const lines = insertions + deletions === 0 ? [] : [`+${insertions} -${deletions}`];
  return [...counts.map(([what, count]) => `${count} ${what}`), ...lines].join(', ');
};

export const projectLines = (
  { project, detail }: { project: Project; detail: ProjectDetail },
  { names, hasDiff }: { names: Names; hasDiff: boolean },
): string[] => {
  const { git, files } = detail;
  const rows: [string, string | null][] = [
    ['id', project.id],
    ['node', names.get(project.nodeId) ?? project.nodeId],
    ['path', project.path],
    ['languages', detail.languages.join(', ') || null],
    ['frameworks', detail.frameworks.join(', ') || null],
    ['branch', git === null ? null : branchOf(git)],
    ['upstream', git?.upstream ?? null],
    ['commit', git?.commit ?? null],
    ['changes', git === null ? null : changesOf(git)],
    ['found', project.foundAt],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    printable(project.name),
    ...rows.flatMap(([name, value]) => (value === null ? [] : [`${name.padEnd(width)}  ${printable(value)}`])),
    ...(files.length === 0
      ? []
      : ['', ...files.map(({ index, tree, path }) => `  ${index}${tree}  ${printable(path)}`)]),
    ...(hasDiff && detail.diff !== ''
      ? [
          '',
          ...detail.diff
            .trimEnd()
            .split('\n')
            .map((line) => printable(line, 4000)),
        ]
      : []),
    ...(detail.isTruncated ? ['', 'There is more than is shown here.'] : []),
  ];
};

/** Of nodes where not all was looked at: the search failed, or ended at its bounds. */
export const searchLines = (discovery: readonly DiscoveryProgress[], names: Names): string[] =>
  discovery.flatMap(({ nodeId, state, reason = '' }) => {
    if (state !== 'failed' && reason === '') return [];
    return [printable(`${names.get(nodeId) ?? nodeId}: ${state === 'failed' ? 'failed: ' : ''}${reason}`)];
  });
