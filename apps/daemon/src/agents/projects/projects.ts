/** The projects of all nodes: searched for slice by slice, kept, and told when they change (I18). */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { DiscoveryProgress, Project, ProjectDetail, ProjectFacts } from '@navisai/protocol';
import { mainNodeId, NavisError } from '@navisai/protocol';
import { hubStream, type NewEvent, type StoreFeed, type StoreKeeper } from '@navisai/store';
import { withDeadline } from '@navisai/service';
import type { FastifyBaseLogger } from 'fastify';
import type { Nodes } from '../../nodes/nodes.ts';

export interface ProjectsParts {
  keeper: StoreKeeper;
  feed: StoreFeed;
  nodes: Pick<Nodes, 'fleet' | 'registry'>;
  now: () => number;
  log: FastifyBaseLogger;
}

/** Whoever asks for projects has a node looked at anew that was not for so long. */
const staleAfterMs = 10 * 60_000;
const sliceDeadlineMs = 60_000;
const inspectDeadlineMs = 60_000;
/** A search that finds no end is given up; its bounds on the node end it long before. */
const maxSlices = 5000;

export class Projects {
  readonly #parts: ProjectsParts;
  /** By node: the search under way, or how the last one ended. One for each known node. */
  readonly #discovery = new Map<string, { progress: DiscoveryProgress; endedAt: number | null }>();
  #isLeaving = false;

  constructor(parts: ProjectsParts) {
    this.#parts = parts;
  }

  /** What is known; nodes that were not looked at lately are looked at meanwhile. */
  async list(request: {
    nodeId?: string | undefined;
  }): Promise<{ projects: Project[]; discovery: DiscoveryProgress[] }> {
    for (const nodeId of this.#connected(request.nodeId)) if (this.#isStale(nodeId)) void this.#search(nodeId);
    return { projects: await this.#parts.keeper.store.read.projects.list(request), discovery: this.#progress() };
  }

  /** Rejects NOT_FOUND, NODE_OFFLINE. */
  async inspect(id: string): Promise<{ project: Project; detail: ProjectDetail }> {
    const known = await this.#parts.keeper.store.read.projects.get(id);
    if (known === undefined) throw new NavisError('NOT_FOUND', 'There is no such project.');
    const asking = this.#parts.nodes.fleet.connected(known.nodeId).project(known.path);
    const detail = await withDeadline(asking, { ms: inspectDeadlineMs, what: 'looking at a project' });
    const { files: _files, diff: _diff, isTruncated: _isTruncated, ...facts } = detail;
    return { project: await this.#keep(known.nodeId, facts), detail };
  }

  /** Begins a search on each node meant that has none under way. Throws NODE_UNKNOWN, NODE_OFFLINE. */
  discover({ nodeId }: { nodeId?: string | undefined }): DiscoveryProgress[] {
    if (nodeId !== undefined && nodeId !== mainNodeId) this.#parts.nodes.registry.require(nodeId);
    if (nodeId !== undefined) this.#parts.nodes.fleet.connected(nodeId);
    for (const one of this.#connected(nodeId)) void this.#search(one);
    return this.#progress();
  }

  /** No search goes on. */
  leave(): void {
    this.#isLeaving = true;
  }

  #connected(nodeId: string | undefined): string[] {
    const { fleet, registry } = this.#parts.nodes;
    const all = nodeId === undefined ? [mainNodeId, ...registry.page({}).records.map(({ id }) => id)] : [nodeId];
    return [...new Set(all)].filter((id) => fleet.isConnected(id));
  }

  #isStale(nodeId: string): boolean {
    const last = this.#discovery.get(nodeId);
    return last === undefined || (last.endedAt !== null && this.#parts.now() - last.endedAt > staleAfterMs);
  }

  #progress(): DiscoveryProgress[] {
    return [...this.#discovery.values()].map(({ progress }) => progress);
  }

  /** Never rejects: how it went is told. */
  async #search(nodeId: string): Promise<void> {
    if (this.#isLeaving || this.#discovery.get(nodeId)?.progress.state === 'scanning') return;
    const seen = new Set<string>();
    let visited = 0;
    this.#tell({ nodeId, state: 'scanning', visited, found: 0 });
    try {
      let scan: string | undefined;
      for (let slice = 0; slice < maxSlices && !this.#isLeaving; slice += 1) {
        const asking = this.#parts.nodes.fleet.connected(nodeId).discoverProjects(scan);
        const answer = await withDeadline(asking, { ms: sliceDeadlineMs, what: 'a search for projects' });
        ({ scan, visited } = answer);
        for (const facts of answer.projects) seen.add((await this.#keep(nodeId, facts)).id);
        if (!answer.isDone) {
          this.#tell({ nodeId, state: 'scanning', visited, found: seen.size });
          continue;
        }
        // What lies beyond a bound was not looked for.
        if (!answer.isPartial) await this.#forgetOthers(nodeId, seen);
        const reason = answer.isPartial ? 'There is more than is looked at; narrower roots help.' : undefined;
        return this.#tell({ nodeId, state: 'done', visited, found: seen.size, reason });
      }
      this.#tell({ nodeId, state: 'failed', visited, found: seen.size, reason: 'The search was given up.' });
    } catch (error) {
      const reason = error instanceof Error ? error.message.slice(0, 1000) : undefined;
      this.#tell({ nodeId, state: 'failed', visited, found: seen.size, reason });
      if (!(error instanceof NavisError)) this.#parts.log.warn({ err: error, nodeId }, 'a search for projects failed');
    }
  }

  #tell(progress: DiscoveryProgress): void {
    const { feed, now } = this.#parts;
    const isOver = progress.state !== 'scanning';
    this.#discovery.set(progress.nodeId, { progress, endedAt: isOver ? now() : null });
    const timestamp = new Date(now()).toISOString();
    feed.publish(hubStream, { type: 'discovery.progress', data: progress, timestamp });
  }

  async #keep(nodeId: string, facts: ProjectFacts): Promise<Project> {
    const id = projectIdOf(nodeId, facts.path);
    const at = new Date(this.#parts.now()).toISOString();
    return this.#parts.feed.transaction(async ({ projects, appendEvents }) => {
      const before = await projects.get(id);
      const project = { ...facts, id, nodeId, foundAt: before?.foundAt ?? at, checkedAt: at };
      await projects.put(project);
      const isSame = before !== undefined && isDeepStrictEqual({ ...before, checkedAt: at }, project);
      if (!isSame) await appendEvents([projectEvent(before === undefined ? 'found' : 'changed', project)]);
      return project;
    });
  }

  /** Those of the node that this search did not find again. */
  async #forgetOthers(nodeId: string, seen: ReadonlySet<string>): Promise<void> {
    await this.#parts.feed.transaction(async ({ projects, appendEvents }) => {
      for (const project of await projects.list({ nodeId }))
        if (!seen.has(project.id) && (await projects.remove(project.id)))
          await appendEvents([projectEvent('removed', project)]);
    });
  }
}

/** The same for as long as it lies there. */
export const projectIdOf = (nodeId: string, path: string): string =>
  `j_${createHash('sha256').update(`${nodeId}\0${path}`).digest('hex').slice(0, 20)}`;

const projectEvent = (change: 'found' | 'changed' | 'removed', project: Project): NewEvent => ({
  stream: hubStream,
  type: 'project.updated',
  data: { change, project },
});
