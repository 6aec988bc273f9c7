/** Looks through directories for projects, a little at a time: bounded, on one file system, never into what others keep (I18). */
import type { Stats } from 'node:fs';
import { lstat, opendir, open, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isProject, kindsOf, maxManifestBytes } from './markers.ts';
import type { ProjectKinds } from './markers.ts';

export interface FoundProject extends ProjectKinds {
  path: string;
  name: string;
}

export interface Search {
  roots: readonly string[];
  /** Directories whose project is looked for above them. */
  inside: readonly string[];
  /** False for what may not be seen. */
  isAllowed(path: string): boolean;
  /** What was seen before, by path: an unchanged directory is not read again. */
  known: Map<string, KnownDirectory>;
}

export interface KnownDirectory {
  mtimeMs: number;
  names: string[];
  folders: string[];
  kinds: ProjectKinds | null;
}

/** Below a root. */
const maxDepth = 4;
/** Named overflow: the search ends there and says so. */
export const maxDirectories = 20_000;
const maxNames = 5000;
/** Above a directory in which a terminal is. */
const maxSteps = 12;
const skipped = new Set(
  'node_modules vendor target dist build out venv env __pycache__ bower_components Library Pods DerivedData snap'.split(
    ' ',
  ),
);

/** Yields a project as it is found, and `null` for each other directory, so that the caller can stop between any two. */
export async function* findProjects(search: Search): AsyncGenerator<FoundProject | null, void, void> {
  const seen = new Set<string>();
  for (const start of search.inside) {
    const found = await projectAround(start, search);
    if (found === null || seen.has(found.path)) continue;
    seen.add(found.path);
    yield found;
  }
  for (const root of search.roots) {
    const path = await realpath(root).catch(() => null);
    const facts = path === null ? null : await factsOf(path);
    if (path === null || facts === null) continue;
    yield* below({ path, depth: 0, device: facts.dev }, search, seen);
  }
}

interface Level {
  path: string;
  depth: number;
  device: number;
}

async function* below(
  { path, depth, device }: Level,
  search: Search,
  seen: Set<string>,
): AsyncGenerator<FoundProject | null, void, void> {
  if (!search.isAllowed(path)) return;
  const facts = await factsOf(path);
  if (facts === null || facts.dev !== device) return;
  const directory = await lookInto(path, facts, search);
  // A root itself is where projects lie, whatever else lies there.
  if (depth > 0 && directory.kinds !== null) {
    if (!seen.has(path)) yield { path, name: basename(path), ...directory.kinds };
    seen.add(path);
    return;
  }
  yield null;
  if (depth >= maxDepth) return;
  for (const folder of directory.folders)
    yield* below({ path: join(path, folder), depth: depth + 1, device }, search, seen);
}

/** The project that this directory, or the nearest above it, is; a repository counts more than what lies in it. */
const projectAround = async (start: string, search: Search): Promise<FoundProject | null> => {
  let nearest: FoundProject | null = null;
  let path = await realpath(start).catch(() => null);
  for (let step = 0; path !== null && path !== '/' && step < maxSteps; step += 1, path = dirname(path)) {
    if (search.roots.includes(path) || !search.isAllowed(path)) break;
    const facts = await factsOf(path);
    if (facts === null) break;
    const { kinds, names } = await lookInto(path, facts, search);
    if (kinds === null) continue;
    nearest ??= { path, name: basename(path), ...kinds };
    if (names.includes('.git')) return { path, name: basename(path), ...kinds };
  }
  return nearest;
};

/** One project by its path; `null` when it is none any more. */
export const projectAt = async (path: string, search: Pick<Search, 'known'>): Promise<FoundProject | null> => {
  const facts = await factsOf(path);
  if (facts === null) return null;
  const { kinds } = await lookInto(path, facts, search);
  return kinds === null ? null : { path, name: basename(path), ...kinds };
};

const factsOf = async (path: string): Promise<Stats | null> => {
  const facts = await lstat(path).catch(() => null);
  return facts?.isDirectory() === true ? facts : null;
};

const lookInto = async (
  path: string,
  { mtimeMs }: Stats,
  { known }: Pick<Search, 'known'>,
): Promise<KnownDirectory> => {
  const before = known.get(path);
  // Manifests change without their directory.
  if (before !== undefined && before.mtimeMs === mtimeMs && before.kinds === null) return before;
  const { names, folders } = await namesIn(path);
  const kinds = isProject(names) ? await kindsOf(names, (name) => beginningOf(join(path, name))) : null;
  const directory = { mtimeMs, names: names.filter((name) => name === '.git'), folders, kinds };
  if (known.size >= maxDirectories) known.clear();
  known.set(path, directory);
  return directory;
};

const namesIn = async (path: string): Promise<{ names: string[]; folders: string[] }> => {
  const names: string[] = [];
  const folders: string[] = [];
  try {
    for await (const entry of await opendir(path)) {
      if (names.length >= maxNames) break;
      names.push(entry.name);
      if (entry.isDirectory() && !entry.name.startsWith('.') && !skipped.has(entry.name)) folders.push(entry.name);
    }
  } catch {
    // Not readable: what was seen counts.
  }
  return { names, folders: folders.toSorted() };
};

const beginningOf = async (path: string): Promise<string> => {
  try {
    if (!(await lstat(path)).isFile()) return '';
    await using file = await open(path, 'r');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(maxManifestBytes), 0, maxManifestBytes, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } catch {
    return '';
  }
};
