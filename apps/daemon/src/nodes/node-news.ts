/** Tells watchers what changes about nodes all the time and is not kept: presence and load (N3). */
import type { nodeChanges } from '@navisai/protocol';
import { hubStream, type StoreFeed } from '@navisai/store';
import { mainNodeId } from '@navisai/protocol';
import type { LiveLinks } from './live-links.ts';
import type { NodeRegistry } from './registry.ts';

export interface NodeNewsParts {
  feed: StoreFeed;
  registry: NodeRegistry;
  links: LiveLinks;
  now: () => number;
}

/** Load of one node is told no more often than this; of many nodes together, fifty times in a second. */
const loadEveryMs = 10_000;
const loadEveryMsPerNode = 20;

export class NodeNews implements Disposable {
  readonly #parts: NodeNewsParts;
  readonly #toldLoadAt = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(parts: NodeNewsParts) {
    this.#parts = parts;
    // The hub's own machine sends no heartbeat.
    this.#timer = setInterval(() => this.load(mainNodeId), loadEveryMs).unref();
  }

  tell(nodeId: string, change: (typeof nodeChanges)[number]): void {
    const { feed, registry, now } = this.#parts;
    const record = registry.find(nodeId);
    if (record === undefined || !feed.isFollowed(hubStream)) return;
    const node = registry.describe(record);
    feed.publish(hubStream, {
      type: 'node.updated',
      data: { change, node },
      timestamp: new Date(now()).toISOString(),
    });
  }

  load(nodeId: string): void {
    const { feed, links, now } = this.#parts;
    if (!feed.isFollowed(hubStream)) return;
    const at = now();
    const everyMs = Math.max(loadEveryMs, links.size * loadEveryMsPerNode);
    // A little earlier is fine, so that a timer of the same length never misses its turn.
    if (at - (this.#toldLoadAt.get(nodeId) ?? 0) < everyMs * 0.9) return;
    this.#toldLoadAt.set(nodeId, at);
    this.tell(nodeId, 'load');
  }

  forget(nodeId: string): void {
    this.#toldLoadAt.delete(nodeId);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
