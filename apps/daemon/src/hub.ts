/** What the edges (HTTP routes, sockets) may use of the hub; made in `create-hub.ts`. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Device, HubStatus, Session, TerminalInfo } from '@navisai/protocol';
import type { EventFeed } from '@navisai/store';
import type { FastifyBaseLogger } from 'fastify';
import type { Fleet } from './nodes/fleet.ts';

/** One attempt to open `/ws`: the credential travels in the query or in the `Authorization` header (I8, I13). */
export interface SocketAttempt {
  /** As in the request line, with its query. */
  url: string;
  headers: IncomingHttpHeaders;
}

export interface Hub {
  readonly instanceId: string;
  /** base64url of the hub's raw Ed25519 public key. */
  readonly hubId: string;
  readonly log: FastifyBaseLogger;
  readonly machine: Fleet;
  readonly events: EventFeed;
  status(): HubStatus;
  /** The device behind a socket; rejects NavisError UNAUTHORIZED, CLOCK_SKEW (with `details.serverTime`) or DEGRADED. */
  authenticateSocket(attempt: SocketAttempt): Promise<Device>;
  /** Throws NavisError FORBIDDEN for a foreign Host or Origin (I11). Every HTTP request and upgrade through fastify has passed it. */
  checkHostAndOrigin(headers: IncomingHttpHeaders): void;
  /** A session that this device may see; rejects NOT_FOUND for every other. */
  visibleSession(device: Device, sessionId: string): Promise<Session>;
  /** Told at once when a device is revoked; its sockets must be closed within a second (I14). */
  onDeviceRevoked(listener: (deviceId: string) => void): () => void;
  /** Told when the hub begins to stop; sockets get `daemon.status` with status `stopping` and are closed. */
  onStopping(listener: () => void): () => void;
}

/** What the socket edge gives back to the composition root (`registerSocket`). */
export interface SocketEdge {
  /** Fills in who controls and how many view a terminal: only the edge knows. */
  describeTerminal(terminal: TerminalInfo): TerminalInfo;
}
