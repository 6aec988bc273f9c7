/** Which session was given work on which node: only then the node may tell of it (N10). */
import type { StoreFeed, StoreKeeper } from '@navisai/store';

export interface SessionNodesParts {
  keeper: StoreKeeper;
  feed: StoreFeed;
  now: () => number;
}

/** Sessions that a node may tell of: of those it was ever given, the newest. */
const maxRemembered = 10_000;
const nobody: ReadonlySet<string> = new Set();

export class SessionNodes {
  readonly #parts: SessionNodesParts;
  /** Nodes of the sessions that are open. */
  readonly #nodes = new Map<string, Set<string>>();
  /** By node: sessions that were closed, which the node does not know yet. */
  readonly #endings = new Map<string, Set<string>>();
  /** By node, as long as it is in use: every session it was given. */
  readonly #held = new Map<string, Set<string>>();
  readonly #giving = new Map<string, Promise<void>>();

  constructor(parts: SessionNodesParts) {
    this.#parts = parts;
  }

  /** Reads what the store knows; to be called when it was opened. */
  async load(): Promise<void> {
    const rows = await this.#parts.keeper.store.read.sessionNodes.atWork();
    this.#nodes.clear();
    this.#endings.clear();
    for (const { sessionId, nodeId, isClosed } of rows)
      if (isClosed) add(this.#endings, nodeId, sessionId);
      else add(this.#nodes, sessionId, nodeId);
  }

  nodesOf(sessionId: string): ReadonlySet<string> {
    return this.#nodes.get(sessionId) ?? nobody;
  }

  /** The session is open and has work there. */
  isAtWork(sessionId: string, nodeId: string): boolean {
    return this.nodesOf(sessionId).has(nodeId);
  }

  /** The node was given this session at some time, perhaps a closed one. Known for nodes of which `remember` is done. */
  mayHold(sessionId: string, nodeId: string): boolean {
    return this.isAtWork(sessionId, nodeId) || this.#held.get(nodeId)?.has(sessionId) === true;
  }

  async remember(nodeId: string): Promise<void> {
    if (this.#held.has(nodeId)) return;
    const sessions = await this.#parts.keeper.store.read.sessionNodes.ofNode(nodeId, maxRemembered);
    for (const sessionId of sessions.toReversed()) add(this.#held, nodeId, sessionId);
  }

  /** Resolves when it is on disk that the node has work of this session; at once when that is known. */
  give(sessionId: string, nodeId: string): Promise<void> | undefined {
    if (this.isAtWork(sessionId, nodeId)) return undefined;
    const key = `${sessionId} ${nodeId}`;
    const giving = this.#giving.get(key) ?? this.#write(sessionId, nodeId).finally(() => this.#giving.delete(key));
    this.#giving.set(key, giving);
    return giving;
  }

  async #write(sessionId: string, nodeId: string): Promise<void> {
    const at = this.#at();
    await this.#parts.feed.transaction((writer) => writer.sessionNodes.give({ sessionId, nodeId, at }));
    add(this.#nodes, sessionId, nodeId);
    const held = add(this.#held, nodeId, sessionId);
    const oldest = held.size > maxRemembered ? held.values().next().value : undefined;
    if (oldest !== undefined) held.delete(oldest);
  }

  /** The session was closed; answers its nodes, of which `ended` is told when they know it. */
  close(sessionId: string): ReadonlySet<string> {
    const nodes = this.nodesOf(sessionId);
    this.#nodes.delete(sessionId);
    for (const nodeId of nodes) add(this.#endings, nodeId, sessionId);
    return nodes;
  }

  /** Closed sessions that the node must be told of. */
  endingsOf(nodeId: string): string[] {
    return Array.from(this.#endings.get(nodeId) ?? []);
  }

  async ended(sessionId: string, nodeId: string): Promise<void> {
    const endings = this.#endings.get(nodeId);
    endings?.delete(sessionId);
    if (endings?.size === 0) this.#endings.delete(nodeId);
    const at = this.#at();
    await this.#parts.feed.transaction((writer) => writer.sessionNodes.end({ sessionId, nodeId, at }));
  }

  /** The node was removed. */
  forget(nodeId: string): void {
    this.#held.delete(nodeId);
    this.#endings.delete(nodeId);
    for (const [sessionId, nodes] of this.#nodes)
      if (nodes.delete(nodeId) && nodes.size === 0) this.#nodes.delete(sessionId);
  }

  #at(): string {
    return new Date(this.#parts.now()).toISOString();
  }
}

const add = (map: Map<string, Set<string>>, key: string, value: string): Set<string> => {
  const values = map.get(key) ?? new Set();
  map.set(key, values.add(value));
  return values;
};
