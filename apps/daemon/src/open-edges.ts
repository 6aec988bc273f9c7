/** Puts the edges onto the server: sockets, the routes of the table, and what writes terminal events down. */
import { pageSize } from '@navisai/protocol';
import type { FastifyInstance } from 'fastify';
import type { HubServices } from './create-hub.ts';
import { registerMcp } from './agents/mcp/register-mcp.ts';
import { createHandlers } from './handlers/create-handlers.ts';
import { requireReadable } from './hub-status.ts';
import type { RequestLimits } from './http/request-limits.ts';
import { serveRoutes } from './http/serve-routes.ts';
import type { Foundation } from './run/foundation.ts';
import type { StopHow } from './run/stop.ts';
import { TerminalRecorder } from './run/terminal-recorder.ts';
import { registerNodeSocket } from './nodes/node-socket.ts';
import { registerSocket } from './socket/index.ts';

export interface EdgeParts {
  server: FastifyInstance;
  services: HubServices;
  foundation: Foundation;
  limits: RequestLimits;
  stop(how: StopHow): Promise<void>;
}

/** Disposing it waits for the last terminal events; it must come after the server was closed. */
export const openEdges = async ({
  server,
  services,
  foundation,
  limits,
  stop,
}: EdgeParts): Promise<TerminalRecorder> => {
  const { hub, keeper, feed, authenticator, devices } = services;
  const edge = await registerSocket(server, hub);
  registerNodeSocket(server, {
    ...services.nodes.socketParts,
    whenReady: () => services.ready.promise,
    requireStore: () => requireReadable(keeper),
    onStopping: hub.onStopping,
  });
  registerMcp(server, {
    ...services,
    calls: services.agents.calls,
    tokens: services.peers.mcpTokens,
    underWay: services.peers.mcpCalls,
    findSession: (id) => keeper.store.read.sessions.get(id),
    nodes: () =>
      services.nodes.registry
        .page({ limit: pageSize.max })
        .records.map((record) => services.nodes.registry.describe(record)),
    version: hub.status().version,
    limits,
    onDevice: (device) => devices.seen(device),
    requireStore: () => requireReadable(keeper),
    whenReady: () => services.ready.promise,
  });
  const handlers = createHandlers({
    services,
    edge,
    caCertificate: foundation.certificates.authority,
    apiDocs: memoize(async () => (await import('./api-docs/describe-api.ts')).describeApi(hub.status().version)),
    readLogs: (count) => foundation.logs.tail(count),
    stop: (how) => void setImmediate(() => void stop(how)),
  });
  serveRoutes(server, handlers, {
    authenticator,
    limits,
    requireStore: () => requireReadable(keeper),
    whenReady: () => services.ready.promise,
    onCall: (device) => devices.seen(device),
  });
  const onLost = (count: number): void => hub.log.error({ count }, 'terminal events could not be kept');
  return new TerminalRecorder({ machine: hub.machine, feed, edge, now: Date.now, onLost });
};

/** Made when it is first asked for: most hubs never are. */
const memoize = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
};
