/** Writes down, now and then, when nodes were last heard, so that it is known after a restart too (N3). */
import type { LiveLinks, LiveLink } from './live-links.ts';
import type { NodeRegistry } from './registry.ts';

export interface LastSeenParts {
  links: LiveLinks;
  registry: NodeRegistry;
  now: () => number;
}

const everyMs = 60_000;
/** What is kept of a node that stays connected is at most this old. */
const maxAgeMs = 10 * 60_000;
/** Rows of one transaction; the rest waits for the next round. */
const maxAtOnce = 1000;

export class LastSeen implements AsyncDisposable {
  readonly #parts: LastSeenParts;
  readonly #timer: NodeJS.Timeout;
  readonly #writtenAtMs = new Map<string, number>();
  /** Nodes that left, with when they were heard last. */
  readonly #left = new Map<string, string>();

  constructor(parts: LastSeenParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => void this.#write(maxAtOnce).catch(() => undefined), everyMs).unref();
  }

  /** The link of a node ended. */
  left(link: LiveLink): string {
    const at = heardAt(link, this.#parts.now());
    this.#left.set(link.nodeId, at);
    this.#writtenAtMs.delete(link.nodeId);
    return at;
  }

  /** While that is not written down yet. */
  of(nodeId: string): string | undefined {
    return this.#left.get(nodeId);
  }

  forget(nodeId: string): void {
    this.#left.delete(nodeId);
    this.#writtenAtMs.delete(nodeId);
  }

  /** A store that cannot be written is reported elsewhere. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#write(Number.POSITIVE_INFINITY).catch(() => undefined);
  }

  async #write(most: number): Promise<void> {
    const { links, registry, now } = this.#parts;
    const atMs = now();
    const nodes = Array.from(this.#left, ([nodeId, at]) => ({ nodeId, at })).slice(0, most);
    for (const link of links.all()) {
      if (nodes.length >= most) break;
      if (atMs - (this.#writtenAtMs.get(link.nodeId) ?? 0) < maxAgeMs) continue;
      this.#writtenAtMs.set(link.nodeId, atMs);
      nodes.push({ nodeId: link.nodeId, at: heardAt(link, atMs) });
    }
    if (nodes.length === 0) return;
    await registry.seen(nodes);
    for (const { nodeId, at } of nodes) if (this.#left.get(nodeId) === at) this.#left.delete(nodeId);
  }
}

/** By the clock of the wall. */
export const heardAt = (link: LiveLink, now: number): string =>
  new Date(now - (performance.now() - link.heardAt)).toISOString();
