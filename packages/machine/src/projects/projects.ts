/** Projects of this machine: searches that go on slice by slice, and one project as it is now (I18). */
import { randomBytes } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { maxProjects, NavisError } from '@navisai/protocol';
import type { ProjectDetail, ProjectFacts, ProjectScan } from '@navisai/protocol';
import { normalPath } from '@navisai/policy';
import type { ToolCallRequest } from '../machine.types.ts';
import type { TerminalContext } from '../tools/terminal/terminal-context.types.ts';
import { findProjects, maxDirectories, projectAt } from './find-projects.ts';
import type { FoundProject, KnownDirectory } from './find-projects.ts';
import { createGit } from './git.ts';
import type { Git } from './git.ts';

export interface ProjectsParts {
  context: Pick<TerminalContext, 'guard' | 'environment' | 'hosts'>;
  home: string;
  /** Default: the home directory. */
  roots: readonly string[] | undefined;
}

interface Scan {
  found: AsyncGenerator<FoundProject | null, void, void>;
  visited: number;
  projects: number;
  usedAt: number;
}

/** A slice ends after this time; the last thing that was begun in it may take longer. */
const sliceMs = 300;
/** Named overflow: the one that was not used for longest is given up. */
const maxScans = 4;
const forgetScanAfterMs = 10 * 60_000;

/** The ceiling counts as for a person who looks at directories. */
const asking: ToolCallRequest = {
  tool: 'filesystem',
  arguments: {},
  sessionId: '',
  callId: '',
  userId: '',
  origin: 'person',
};
/** And what is hidden from agents is no project (A7). */
const looking: ToolCallRequest = { ...asking, origin: 'agent' };

export class Projects {
  readonly #parts: ProjectsParts;
  readonly #git: Git;
  readonly #scans = new Map<string, Scan>();
  readonly #known = new Map<string, KnownDirectory>();

  constructor(parts: ProjectsParts) {
    this.#parts = parts;
    this.#git = createGit(parts.context);
  }

  /** Rejects POLICY_DENIED, and NOT_FOUND for a search that is over or forgotten. */
  async discover(id?: string): Promise<ProjectScan> {
    this.#parts.context.guard.allowTool(asking, { action: 'list', access: 'read' });
    const name = id ?? this.#begin();
    const scan = this.#scans.get(name);
    if (scan === undefined) throw new NavisError('NOT_FOUND', 'This search is over. Begin another.');
    scan.usedAt = performance.now();
    const projects: ProjectFacts[] = [];
    let isDone = false;
    const isFull = (): boolean => scan.projects >= maxProjects || scan.visited >= maxDirectories;
    while (performance.now() - scan.usedAt < sliceMs && !isFull() && !isDone) {
      const next = await scan.found.next();
      isDone = next.done === true;
      if (next.done === true) break;
      scan.visited += 1;
      if (next.value === null) continue;
      scan.projects += 1;
      projects.push({ ...next.value, git: await this.#git.summary(next.value.path) });
    }
    const isPartial = !isDone && isFull();
    if (isDone || isPartial) this.#scans.delete(name);
    return { scan: name, projects, visited: scan.visited, isDone: isDone || isPartial, isPartial };
  }

  /** Rejects NOT_FOUND, POLICY_DENIED. */
  async inspect(given: string): Promise<ProjectDetail> {
    const { guard } = this.#parts.context;
    guard.allowTool(asking, { action: 'read', access: 'read' });
    const path = await realpath(normalPath(given, this.#parts.home)).catch(() => null);
    if (path !== null) guard.allowPath(looking, { realPath: path, access: 'read' });
    const found = path === null ? null : await projectAt(path, { known: this.#known });
    if (found === null) throw new NavisError('NOT_FOUND', 'There is no such project any more.');
    const changes = await this.#git.changes(found.path);
    return { ...found, git: null, files: [], diff: '', isTruncated: false, ...changes };
  }

  #begin(): string {
    const { context, home, roots = [home] } = this.#parts;
    const now = performance.now();
    for (const [id, { usedAt }] of this.#scans) if (now - usedAt > forgetScanAfterMs) this.#scans.delete(id);
    const oldest = [...this.#scans].toSorted(([, one], [, other]) => one.usedAt - other.usedAt)[0];
    if (oldest !== undefined && this.#scans.size >= maxScans) this.#scans.delete(oldest[0]);
    const open = context.hosts.list().filter(({ exit }) => exit === null);
    const found = findProjects({
      roots: roots.map((root) => normalPath(root, home)),
      inside: [...new Set(open.map(({ workingDirectory }) => workingDirectory))],
      isAllowed: (path) => isAllowed(context, path),
      known: this.#known,
    });
    const id = randomBytes(12).toString('hex');
    this.#scans.set(id, { found, visited: 0, projects: 0, usedAt: now });
    return id;
  }
}

const isAllowed = ({ guard }: ProjectsParts['context'], realPath: string): boolean => {
  try {
    guard.allowPath(looking, { realPath, access: 'read' });
    return true;
  } catch (error) {
    if (error instanceof NavisError) return false;
    throw error;
  }
};
