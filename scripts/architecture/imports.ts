/** Says where an import leads and whether the arrows allow it. */
import { posix } from 'node:path';
import { isBuiltin } from 'node:module';
import { arrows, isTestFile, platformFreeRooms, roomOf, testOnlyRoom } from './rules.ts';

export interface Workspace {
  /** Such as `packages/link`. */
  room: string;
  /** The names of all dependencies in its package.json. */
  dependencies: ReadonlySet<string>;
  /** Public paths (`.`, `./node`) and the files behind them, relative to the room. */
  exports: Readonly<Record<string, string>>;
}

export interface Repository {
  files: ReadonlySet<string>;
  /** By package name, such as `@navisai/link`. */
  workspaces: ReadonlyMap<string, Workspace>;
  /** Dependencies of the root package: tools, for tests, scripts and configuration only. */
  toolDependencies: ReadonlySet<string>;
}

/** The outcome for one import: the file of this repository it leads to, or what is wrong with it, or neither. */
export interface ImportVerdict {
  target?: string;
  problem?: string;
}

export function judgeImport(repository: Repository, path: string, specifier: string): ImportVerdict {
  const bare = specifier.replace(/\?.*$/, '');
  if (bare.startsWith('.')) return judgeRelative(repository, path, bare);
  if (bare.startsWith('$lib')) return judgeRelative(repository, path, libraryPath(path, bare));
  if (bare.startsWith('$') || bare.startsWith('virtual:')) return {};
  if (isBuiltin(bare)) return judgeBuiltin(path, bare);
  const name = bare.split('/', bare.startsWith('@') ? 2 : 1).join('/');
  const workspace = repository.workspaces.get(name);
  if (workspace !== undefined) return judgeWorkspace(path, workspace, `.${bare.slice(name.length)}`);
  return judgePackage(repository, path, name);
}

/** SvelteKit's `$lib` is the folder `src/lib` of the web app. */
function libraryPath(path: string, specifier: string): string {
  const target = `${roomOf(path)}/src/lib${specifier.slice('$lib'.length)}`;
  const relative = posix.relative(posix.dirname(path), target);
  return relative.startsWith('.') ? relative : `./${relative}`;
}

function judgeRelative(repository: Repository, path: string, specifier: string): ImportVerdict {
  const target = posix.join(posix.dirname(path), specifier);
  if (posix.basename(target) === '$types') return {};
  const from = roomOf(path);
  if (roomOf(target) !== from && arrows[from] !== 'any') {
    return { problem: `imports ${specifier}: other rooms are reached by their package name only` };
  }
  const candidates = [target, `${target}.ts`, `${target}/index.ts`];
  const file = candidates.find((candidate) => repository.files.has(candidate));
  return file === undefined ? {} : { target: file };
}

function judgeBuiltin(path: string, specifier: string): ImportVerdict {
  const room = roomOf(path);
  const isPlatformFree = platformFreeRooms.includes(room) && !path.startsWith(`${room}/src/node/`) && !isTestFile(path);
  return isPlatformFree ? { problem: `imports ${specifier}: ${room} runs without Node.js outside src/node/` } : {};
}

function judgeWorkspace(path: string, workspace: Workspace, subpath: string): ImportVerdict {
  const from = roomOf(path);
  const file = workspace.exports[subpath];
  if (workspace.room === from) return { problem: `imports its own package by name` };
  if (file === undefined) {
    return { problem: `imports ${workspace.room} at ${subpath}, which is no public face of it` };
  }
  const target = posix.join(workspace.room, file);
  const allowed = arrows[from] ?? [];
  const isAllowed =
    allowed === 'any' || allowed.includes(workspace.room) || (workspace.room === testOnlyRoom && isTestFile(path));
  return isAllowed ? { target } : { target, problem: `imports ${workspace.room}: no arrow leads from ${from} to it` };
}

function judgePackage(repository: Repository, path: string, name: string): ImportVerdict {
  const room = roomOf(path);
  for (const workspace of repository.workspaces.values()) {
    if (workspace.room === room && workspace.dependencies.has(name)) return {};
  }
  const mayUseTools = isTestFile(path) || /\.config\.[jt]s$/.test(path);
  if (mayUseTools && repository.toolDependencies.has(name)) return {};
  const isToolRoom = !room.includes('/');
  if (isToolRoom && [...repository.workspaces.values()].some((workspace) => workspace.dependencies.has(name)))
    return {};
  return { problem: `imports ${name}, which ${room}/package.json does not name` };
}
