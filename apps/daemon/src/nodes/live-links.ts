/** The connections of nodes that are in use: one per node, the newest process wins, and silence ends it (N3, N6). */
import { type NodeLoad, nodeCloseCodes } from '@navisai/protocol';
import type { FastifyBaseLogger } from 'fastify';

/** A node tells of itself this often; in a large fleet once within `silenceMs`, with a third of that to be late. */
export const nodeHeartbeatMs = { usual: 4500, large: 9000 } as const;
/** In a large fleet most of that is only a sign of life. */
const largeFleetLoadMs = 90_000;
const largeFleet = 200;
/** So that a node is known to be gone within 15 s. */
const silenceMs = 13_500;
/** Links are looked at in slices, so that thousands never stop the loop at once; each once per second. */
const slices = 10;
const sliceEveryMs = 1000 / slices;

export interface LinkFacts {
  nodeId: string;
  /** Of the node's process. */
  bootId: string;
  epoch: number;
  peer: string;
}

export interface LiveLink extends LinkFacts {
  readonly connectedAtMs: number;
  /** Milliseconds of the clock that never goes back. */
  heardAt: number;
  load: NodeLoad | undefined;
  /** Closes the socket; nothing of it is heard afterwards. */
  end(code: number, reason: string): void;
}

export class LiveLinks implements Disposable {
  readonly #log: FastifyBaseLogger;
  readonly #now: () => number;
  readonly #links = new Map<string, LiveLink>();
  readonly #slices: Set<LiveLink>[] = Array.from({ length: slices }, () => new Set());
  /** The process that has the newest epoch of a node, so that its own reconnects are told from another process. */
  readonly #boots = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #next = 0;
  #place = 0;

  constructor(parts: { log: FastifyBaseLogger; now: () => number }) {
    this.#log = parts.log;
    this.#now = parts.now;
  }

  get size(): number {
    return this.#links.size;
  }

  /** For the node that connects now. */
  get heartbeatMs(): number {
    return this.#links.size < largeFleet ? nodeHeartbeatMs.usual : nodeHeartbeatMs.large;
  }

  /** For the node that connects now; `undefined`: it tells its load with every heartbeat. */
  get loadMs(): number | undefined {
    return this.#links.size < largeFleet ? undefined : largeFleetLoadMs;
  }

  get(nodeId: string): LiveLink | undefined {
    return this.#links.get(nodeId);
  }

  all(): Iterable<LiveLink> {
    return this.#links.values();
  }

  /** `undefined` when no process of this node was heard of since the start. */
  bootOf(nodeId: string): string | undefined {
    return this.#boots.get(nodeId);
  }

  /** Takes the place of the node's link before: of another process, which is told so, or an older one of its own. */
  add(facts: LinkFacts & Pick<LiveLink, 'end'>): LiveLink {
    const link: LiveLink = { ...facts, connectedAtMs: this.#now(), heardAt: performance.now(), load: undefined };
    const before = this.#links.get(facts.nodeId);
    this.#links.set(facts.nodeId, link);
    this.#boots.set(facts.nodeId, facts.bootId);
    this.#place = (this.#place + 1) % slices;
    this.#slices[this.#place]?.add(link);
    this.#timer ??= setInterval(() => this.#look(), sliceEveryMs).unref();
    if (before !== undefined) this.#replace(before, link);
    return link;
  }

  /** Answers whether the link was the one in use. */
  remove(link: LiveLink): boolean {
    for (const slice of this.#slices) slice.delete(link);
    if (this.#links.get(link.nodeId) !== link) return false;
    this.#links.delete(link.nodeId);
    if (this.#links.size === 0) this.#stop();
    return true;
  }

  /** The node was revoked or removed. */
  drop(nodeId: string, { code, reason }: { code: number; reason: string }): void {
    this.#boots.delete(nodeId);
    this.#links.get(nodeId)?.end(code, reason);
  }

  closeAll(reason: string): void {
    for (const link of Array.from(this.#links.values())) link.end(nodeCloseCodes.stopping, reason);
  }

  [Symbol.dispose](): void {
    this.#stop();
  }

  #replace(before: LiveLink, { nodeId, bootId, epoch, peer }: LiveLink): void {
    if (before.bootId === bootId) return before.end(nodeCloseCodes.stopping, 'this process has a newer connection');
    this.#log.warn({ nodeId, epoch, peer, before: before.peer }, 'another process took the place of a node');
    before.end(
      nodeCloseCodes.replaced,
      `another process of this node connected from ${peer} and took its place (epoch ${epoch})`,
    );
  }

  #look(): void {
    this.#next = (this.#next + 1) % slices;
    const limit = performance.now() - silenceMs;
    for (const link of Array.from(this.#slices[this.#next] ?? [])) {
      if (link.heardAt >= limit) continue;
      this.#log.info({ nodeId: link.nodeId, silenceMs }, 'a node fell silent');
      link.end(nodeCloseCodes.stopping, 'nothing was heard of this node');
    }
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
