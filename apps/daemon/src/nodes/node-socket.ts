/** The socket edge of nodes: `/ws/nodes/{node_id}`. Nobody is a node before the handshake is done (N1, N2, N14, I15). */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { maxNodeFrameBytes, NavisError, nodeCloseCodes, nodeIdSchema, nodeSocketPath } from '@navisai/protocol';
import { WebSocketServer } from 'ws';
import { createRateLimiter, type RateLimit } from '../http/rate-limit.ts';
import { NodeConnection, type NodeConnectionParts } from './node-connection.ts';

export interface NodeSocketParts extends NodeConnectionParts {
  log: FastifyBaseLogger;
  /** Resolves when the hub knows its nodes. */
  whenReady(): Promise<void>;
  /** Throws NavisError DEGRADED while the store cannot be read. */
  requireStore(): void;
  onStopping(listener: () => void): () => void;
}

/** Of one address; many nodes of one house may share it, and all come back at once after a restart of the hub. */
const attempts: RateLimit = { burst: 4000, perSecond: 1000 };
/** Handshakes that were refused: somebody guesses, or does not stop. */
const failures: RateLimit = { burst: 60, perSecond: 0.5 };
/** Sockets that are not known yet, of everybody together. */
const maxUnknown = 4000;

export const registerNodeSocket = (server: FastifyInstance, parts: NodeSocketParts): void => {
  const edge = new NodeSocketEdge(parts);
  const heads = new WeakMap<IncomingMessage, Buffer>();
  server.server.prependListener('upgrade', (request: IncomingMessage, _socket: Duplex, head: Buffer) => {
    heads.set(request, head);
  });
  server.addHook('preClose', async () => edge.close());
  server.get(nodeSocketPath, {
    onRequest: async (request, reply) => {
      const head = heads.get(request.raw);
      const nodeId = nodeIdSchema.safeParse((request.params as { id?: unknown }).id);
      if (head === undefined || !nodeId.success) throw new NavisError('NOT_FOUND', 'There is no such address here.');
      await edge.admit(request.headers.origin, request.ip);
      reply.hijack();
      edge.upgrade(request.raw, { head, nodeId: nodeId.data, peer: request.ip });
    },
    handler: () => {
      throw new NavisError('NOT_FOUND', 'There is no such address here.');
    },
  });
};

class NodeSocketEdge {
  readonly #parts: NodeSocketParts;
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: maxNodeFrameBytes,
  });
  readonly #attempts = createRateLimiter(attempts);
  readonly #failures = createRateLimiter(failures);
  readonly #unknown = new Set<NodeConnection>();
  readonly #stopListening: () => void;

  constructor(parts: NodeSocketParts) {
    this.#parts = parts;
    this.#stopListening = parts.onStopping(() => this.#closeAll());
  }

  /** Before the upgrade: rejects NavisError FORBIDDEN, RATE_LIMITED or DEGRADED. */
  async admit(origin: string | undefined, peer: string): Promise<void> {
    if (origin !== undefined) throw new NavisError('FORBIDDEN', 'Pages cannot be nodes.');
    this.#attempts.take(peer);
    this.#failures.require(peer);
    if (this.#unknown.size >= maxUnknown) throw new NavisError('RATE_LIMITED');
    await this.#parts.whenReady();
    this.#parts.requireStore();
  }

  upgrade(request: IncomingMessage, facts: { head: Buffer; nodeId: string; peer: string }): void {
    const { nodeId, peer } = facts;
    this.#server.handleUpgrade(request, request.socket, facts.head, (socket) => {
      const connection = new NodeConnection(this.#parts, { socket, raw: request.socket, nodeId, peer });
      this.#unknown.add(connection);
      void connection.run().then((outcome) => {
        this.#unknown.delete(connection);
        if (outcome === 'refused') this.#noteFailure(peer);
      });
    });
  }

  close(): void {
    this.#stopListening();
    this.#closeAll();
  }

  #noteFailure(peer: string): void {
    try {
      this.#failures.take(peer);
    } catch {
      this.#parts.log.warn({ peer }, 'too many handshakes of nodes from this address failed: it must wait');
    }
  }

  #closeAll(): void {
    for (const connection of this.#unknown) connection.end(nodeCloseCodes.stopping, 'the hub stops');
    this.#parts.links.closeAll('the hub stops');
  }
}
