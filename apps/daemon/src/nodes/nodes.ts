/** Everything about nodes, put together: registry, links, machines, news, and what follows from their changes. */
import type { Machine } from '@navisai/machine';
import { ownerUserId } from '../services/devices.ts';
import { recoveredTitle } from '../services/sessions.ts';
import { mainNodeId, nodeCloseCodes, type SignedText, type TerminalInfo } from '@navisai/protocol';
import type { StoreFeed, StoreKeeper } from '@navisai/store';
import type { FastifyBaseLogger } from 'fastify';
import { createRateLimiter, type RateLimit } from '../http/rate-limit.ts';
import { Fleet } from './fleet.ts';
import { LastSeen } from './last-seen.ts';
import { LiveLinks } from './live-links.ts';
import type { NodeConnectionParts } from './node-connection.ts';
import { NodeNews } from './node-news.ts';
import { NodePolicies } from './node-policies.ts';
import { mainPresence, remotePresence } from './node-presence.ts';
import { type NodeGone, NodeRegistry } from './registry.ts';
import { RemoteNodes } from './remote-nodes.ts';
import { SessionNodes } from './session-nodes.ts';

export interface NodesParts {
  keeper: StoreKeeper;
  feed: StoreFeed;
  log: FastifyBaseLogger;
  now: () => number;
  main: Machine;
  version: string;
  startedAtMs: number;
  hubId: string;
  /** By the hub's key; base64. */
  sign(text: string): string;
  /** The device of the CLI on this machine: whose approvals count on nodes (N12). */
  host: { device: { id: string }; publicKey: string };
  /** Devices whose signatures count no longer (N12). */
  revocations: () => SignedText | null;
  /** For what a node has of a session that the store lost; false where the store knows it. */
  restoreSession(request: { id: string; title: string; userId: string }): Promise<boolean>;
  /** Where nodes dial to. */
  origin: () => string;
}

const goneReasons: Record<NodeGone['why'], string> = {
  revoked: 'this node was revoked at the hub',
  removed: 'this node was removed at the hub',
  left: 'this node left',
};

/** A node that was cut off so often must wait before it is heard again. */
const violations: RateLimit = { burst: 10, perSecond: 0.05 };

/** Its end writes down when nodes were last heard, so it comes before that of the store. */
export class Nodes implements AsyncDisposable {
  readonly registry: NodeRegistry;
  readonly fleet: Fleet;
  readonly policies: NodePolicies;
  readonly #parts: NodesParts;
  readonly #sessions: SessionNodes;
  readonly #links: LiveLinks;
  readonly #remotes: RemoteNodes;
  readonly #news: NodeNews;
  readonly #lastSeen: LastSeen;
  readonly #violations = createRateLimiter(violations);

  constructor(parts: NodesParts) {
    const { log, now, main } = parts;
    this.#parts = parts;
    this.#sessions = new SessionNodes(parts);
    this.#links = new LiveLinks({ log, now });
    this.#remotes = new RemoteNodes({
      log,
      sessions: this.#sessions,
      isOfMain: (terminalId) => main.terminal(terminalId) !== undefined,
      onLoad: (nodeId, load) => {
        const link = this.#links.get(nodeId);
        if (link !== undefined) link.load = load;
        this.#news.load(nodeId);
      },
      onLeave: (nodeId) => void this.#onLeave(nodeId),
      onViolation: (nodeId, reason) => this.#onViolation(nodeId, reason),
      mayHaveForgotten: (nodeId) => {
        const { restoredAt } = parts.keeper.store;
        return restoredAt !== null && (this.registry.find(nodeId)?.lastSeenAt ?? '') < restoredAt;
      },
      restoreSession: (id, nodeId) => {
        const title = `${recoveredTitle} of ${this.registry.find(nodeId)?.name ?? nodeId}`;
        return parts.restoreSession({ id, title, userId: ownerUserId });
      },
    });
    this.registry = new NodeRegistry({ ...parts, presenceOf: (nodeId) => this.#presenceOf(nodeId) });
    const idOf = (node: string): string | undefined => this.registry.find(node)?.id;
    this.fleet = new Fleet({ main, remotes: this.#remotes, sessions: this.#sessions, log, idOf });
    this.policies = new NodePolicies({ registry: this.registry, fleet: this.fleet, log });
    this.#news = new NodeNews({ ...parts, registry: this.registry, links: this.#links });
    this.#lastSeen = new LastSeen({ links: this.#links, registry: this.registry, now });
    this.#remotes.onPresence(({ nodeId, isConnected }) => void this.#onPresence(nodeId, isConnected));
    this.registry.onGone((gone) => void this.#onGone(gone));
  }

  /** Reads what the store knows; to be called when it was opened. */
  async load(): Promise<void> {
    await this.registry.load();
    await this.#sessions.load();
    // Another store may know other nodes.
    for (const { nodeId } of Array.from(this.#links.all()))
      if (this.registry.find(nodeId) === undefined)
        this.#links.drop(nodeId, { code: nodeCloseCodes.stopping, reason: 'the hub does not know this node any more' });
  }

  /** Shows terminals of nodes that are away as they were last known; answers those of nodes that there are no more. */
  async restore(terminals: readonly TerminalInfo[]): Promise<ReadonlySet<string>> {
    const isKnown = ({ nodeId }: TerminalInfo): boolean => this.registry.find(nodeId)?.id === nodeId;
    await this.#remotes.restore(terminals.filter(isKnown));
    return new Set(terminals.filter((terminal) => !isKnown(terminal)).map(({ nodeId }) => nodeId));
  }

  /** Tells this machine and every node that has a connection; never rejects. */
  async learnRevocations(signed: SignedText): Promise<void> {
    const machines = [this.#parts.main, ...this.#remotes.all()];
    for (const { status, ...told } of await Promise.allSettled(machines.map((one) => one.learnRevocations(signed))))
      if (status === 'rejected') this.#parts.log.error({ ...told }, 'a machine refused the list of revoked devices');
  }

  /** Told when everything that is known of a node is true again. */
  onConnected(listener: (nodeId: string) => void): () => void {
    return this.#remotes.onPresence(({ nodeId, isConnected }) => (isConnected ? listener(nodeId) : undefined));
  }

  /** What a socket of a node needs. */
  get socketParts(): NodeConnectionParts {
    return {
      ...this.#parts,
      owner: { deviceId: this.#parts.host.device.id, publicKey: this.#parts.host.publicKey },
      revocations: this.#parts.revocations,
      registry: this.registry,
      links: this.#links,
      prepare: async (nodeId) => {
        this.#violations.require(nodeId);
        await this.#remotes.prepare(nodeId);
      },
      onViolation: (nodeId, reason) => this.#onViolation(nodeId, reason),
      connect: (nodeId, channel) => this.#remotes.connect(nodeId, channel),
      onGone: (link) => void this.#lastSeen.left(link),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#news[Symbol.dispose]();
    await this.#lastSeen[Symbol.asyncDispose]();
    this.#links[Symbol.dispose]();
    await this.fleet[Symbol.asyncDispose]();
  }

  #presenceOf(nodeId: string) {
    const facts = { ...this.#parts, policies: this.policies, links: this.#links };
    if (nodeId === mainNodeId) return mainPresence(nodeId, facts);
    return remotePresence(nodeId, { ...facts, remotes: this.#remotes, lastSeen: this.#lastSeen });
  }

  async #onPresence(nodeId: string, isConnected: boolean): Promise<void> {
    this.#news.tell(nodeId, isConnected ? 'connected' : 'disconnected');
    if (isConnected) await this.policies.look(nodeId);
  }

  #onViolation(nodeId: string, reason: string): void {
    this.#parts.log.warn({ nodeId, reason }, 'a node was cut off');
    try {
      this.#violations.take(nodeId);
    } catch {
      this.#parts.log.warn({ nodeId }, 'a node was cut off too often: it must wait');
    }
  }

  async #onLeave(nodeId: string): Promise<void> {
    const { log } = this.#parts;
    try {
      await this.registry.leave(this.registry.require(nodeId));
      log.info({ nodeId }, 'a node left');
    } catch (error) {
      log.error({ err: error, nodeId }, 'it could not be noted that a node left');
      this.#links.drop(nodeId, { code: nodeCloseCodes.stopping, reason: 'it could not be noted' });
    }
  }

  async #onGone({ nodeId, why }: NodeGone): Promise<void> {
    this.#links.drop(nodeId, { code: nodeCloseCodes.revoked, reason: goneReasons[why] });
    if (why === 'revoked') return;
    this.#news.forget(nodeId);
    this.#lastSeen.forget(nodeId);
    this.policies.forget(nodeId);
    await this.#remotes.remove(nodeId, why === 'left' ? 'The node left.' : 'The node was removed.');
    this.#sessions.forget(nodeId);
  }
}
