/** The policy of each node: its own ceiling, which only it knows, and the hub's overlay, which the hub keeps (N12). */
import type { Machine } from '@navisai/machine';
import { type Ceiling, type MachinePolicy, mainNodeId, NavisError } from '@navisai/protocol';
import type { NodeRecord } from '@navisai/store';
import type { FastifyBaseLogger } from 'fastify';
import type { Fleet } from './fleet.ts';
import type { NodeRegistry } from './registry.ts';

export interface NodePoliciesParts {
  registry: NodeRegistry;
  fleet: Fleet;
  log: FastifyBaseLogger;
}

export class NodePolicies {
  readonly #parts: NodePoliciesParts;
  /** As each node told it last. */
  readonly #known = new Map<string, MachinePolicy>();

  constructor(parts: NodePoliciesParts) {
    this.#parts = parts;
  }

  known(nodeId: string): MachinePolicy | undefined {
    return this.#known.get(nodeId);
  }

  /** Asks the node; of one that does not answer, what it told before stays. */
  async look(nodeId: string): Promise<void> {
    try {
      this.#known.set(nodeId, await this.#parts.fleet.connected(nodeId).policy());
    } catch (error) {
      this.#parts.log.debug({ err: error, nodeId }, 'the policy of a node is not known');
    }
  }

  /** Of a node that is away, as it was told last. Rejects NavisError NODE_OFFLINE when it never was. */
  async of(node: NodeRecord): Promise<MachinePolicy> {
    if (this.#isConnected(node)) {
      const policy = await this.#parts.fleet.connected(node.id).policy();
      this.#known.set(node.id, policy);
      return policy;
    }
    const known = this.#known.get(node.id);
    if (known === undefined) throw new NavisError('NODE_OFFLINE');
    return { ...known, overlay: node.overlay };
  }

  /** A node that is connected has it first, so that what it refuses is not kept; one that is away gets it in `welcome`. */
  async setOverlay(node: NodeRecord, overlay: Ceiling | null): Promise<MachinePolicy> {
    const { fleet, registry } = this.#parts;
    const isConnected = this.#isConnected(node);
    if (isConnected) await fleet.connected(node.id).setOverlay(overlay);
    const changed = await registry.setOverlay(node, overlay);
    if (isConnected) return this.of(changed);
    const { sandbox = 'none' } = node.platform ?? {};
    const known = this.#known.get(node.id);
    return { ceiling: null, ceilingFile: '', allowedCommands: null, sandbox, ...known, overlay };
  }

  /** Rejects NavisError NODE_OFFLINE. */
  explain(node: NodeRecord, request: Parameters<Machine['explain']>[0]): ReturnType<Machine['explain']> {
    return this.#parts.fleet.connected(node.id).explain(request);
  }

  forget(nodeId: string): void {
    this.#known.delete(nodeId);
  }

  #isConnected({ id }: NodeRecord): boolean {
    return id === mainNodeId || this.#parts.fleet.isConnected(id);
  }
}
