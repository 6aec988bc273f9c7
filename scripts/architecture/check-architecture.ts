/** Judges a whole source tree: arrows, cycles, sizes, names. */
import { readdirSync, readFileSync, existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { findCycles } from './cycles.ts';
import { judgeImport, type Repository, type Workspace } from './imports.ts';
import { aims, arrows, emptyNames, isTestFile, roomOf } from './rules.ts';
import { readSourceFile, type SourceFile } from './source-file.ts';

export interface Finding {
  kind: 'failure' | 'warning';
  path: string;
  message: string;
}

/** All findings below `root`, which is laid out as this repository is. */
export function checkArchitecture(root: string): Finding[] {
  const paths = listSources(root);
  const files = paths.map((path) => readSourceFile(path, readFileSync(join(root, path), 'utf8')));
  const repository = readRepository(root, paths);
  const graph = new Map<string, string[]>();
  const findings: Finding[] = [];
  for (const file of files) {
    findings.push(...judgeSize(file), ...judgeName(file));
    graph.set(file.path, judgeImports(repository, file, findings));
  }
  for (const cycle of findCycles(graph)) {
    findings.push({ kind: 'failure', path: cycle[0] ?? '', message: `import cycle: ${cycle.join(' ↔ ')}` });
  }
  return findings;
}

const ignoredFolders = new Set(['node_modules', 'dist', 'build', 'fixtures']);

function listSources(root: string): string[] {
  const found: string[] = [];
  const walk = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && !entry.name.startsWith('.') && !ignoredFolders.has(entry.name)) walk(path);
      else if (entry.isFile() && /\.(ts|svelte)$/.test(entry.name) && !entry.name.endsWith('.d.ts')) found.push(path);
    }
  };
  for (const folder of ['packages', 'apps', 'scripts', 'tests', 'bench'])
    if (existsSync(join(root, folder))) walk(folder);
  return found.toSorted();
}

interface PackageFile {
  name: string;
  exports?: Record<string, string>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

function readRepository(root: string, paths: string[]): Repository {
  const workspaces = new Map<string, Workspace>();
  for (const group of ['packages', 'apps']) {
    if (!existsSync(join(root, group))) continue;
    for (const name of readdirSync(join(root, group))) {
      const file = join(root, group, name, 'package.json');
      if (!existsSync(file)) continue;
      const content = JSON.parse(readFileSync(file, 'utf8')) as PackageFile;
      workspaces.set(content.name, {
        room: `${group}/${name}`,
        dependencies: dependencyNames(content),
        exports: content.exports ?? {},
      });
    }
  }
  const rootFile = join(root, 'package.json');
  const tools = existsSync(rootFile) ? dependencyNames(JSON.parse(readFileSync(rootFile, 'utf8')) as PackageFile) : [];
  return { files: new Set(paths), workspaces, toolDependencies: new Set(tools) };
}

function dependencyNames(content: PackageFile): Set<string> {
  return new Set(Object.keys({ ...content.dependencies, ...content.devDependencies }));
}

function judgeImports(repository: Repository, file: SourceFile, findings: Finding[]): string[] {
  const targets: string[] = [];
  for (const specifier of file.specifiers) {
    const { target, problem } = judgeImport(repository, file.path, specifier);
    if (problem !== undefined) findings.push({ kind: 'failure', path: file.path, message: problem });
    if (target !== undefined) targets.push(target);
  }
  return targets;
}

function judgeSize(file: SourceFile): Finding[] {
  const isComponent = file.path.endsWith('.svelte');
  const measured = [
    { what: 'the file', value: file.lines, aim: isComponent ? aims.componentLines : aims.fileLines, unit: 'lines' },
    { what: 'the file', value: file.importCount, aim: aims.imports, unit: 'imports' },
    ...file.functions.map(({ name, line, lines }) => ({
      what: `${name} (line ${line})`,
      value: lines,
      aim: aims.functionLines,
      unit: 'lines',
    })),
  ];
  return measured
    .filter(({ value, aim }) => value > aim)
    .map(({ what, value, aim, unit }) => ({
      kind: value > 2 * aim ? 'failure' : 'warning',
      path: file.path,
      message: `${what} has ${value} ${unit}, the aim is ${aim}`,
    }));
}

function judgeName(file: SourceFile): Finding[] {
  const failure = (message: string): Finding => ({ kind: 'failure', path: file.path, message });
  const findings: Finding[] = [];
  if (!(roomOf(file.path) in arrows)) findings.push(failure('belongs to no room of the arrow table'));
  const [stem = ''] = basename(file.path).split('.');
  // A component is named as its tag is written, which tells it from HTML.
  const pattern = file.path.endsWith('.svelte') ? /^(\+?[a-z0-9-]+|([A-Z][a-z0-9]*)+)$/ : /^\+?[a-z0-9]+(-[a-z0-9]+)*$/;
  if (!pattern.test(stem)) findings.push(failure('its name is not kebab-case'));
  const empty = file.path.split(/[/.]/).find((part) => emptyNames.includes(part));
  if (empty !== undefined) findings.push(failure(`"${empty}" says nothing about what is inside`));
  if (!file.opensWithComment && !file.path.endsWith('.svelte') && !isTestFile(file.path)) {
    findings.push(failure('does not open with a sentence that says what it is for'));
  }
  return findings;
}
