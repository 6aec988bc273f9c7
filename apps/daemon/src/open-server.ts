/** The server with everything on it, from its certificate to the routes; it listens when it is told to. */
import type { Server as HttpsServer } from 'node:https';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { namesOf } from './certificates/certified-names.ts';
import { chooseCertificate } from './certificates/choose-certificate.ts';
import { renewCertificates } from './certificates/renew-certificates.ts';
import type { HubServices } from './create-hub.ts';
import type { OriginPolicy } from './http/host-and-origin.ts';
import { createRequestLimits } from './http/request-limits.ts';
import { createServer } from './http/server.ts';
import { createWebFiles } from './http/web-files.ts';
import { openEdges } from './open-edges.ts';
import type { Foundation } from './run/foundation.ts';
import type { StopHow } from './run/stop.ts';
import type { TerminalRecorder } from './run/terminal-recorder.ts';
import type { Config } from './settings/config.ts';

/** The PWA beside this program: built in the workspace, or packed with it. */
const webFolder = fileURLToPath(new URL('../../web/build/', import.meta.url)).replace(/[\\/]$/, '');

export interface ServerFacts {
  config: Config;
  foundation: Foundation;
  services: HubServices;
  origins: OriginPolicy;
  stop(how: StopHow): Promise<void>;
  opened: AsyncDisposableStack;
  /** Told of every route that is served. */
  onRoute: ((route: { method: string | string[]; url: string }) => void) | undefined;
}

export interface OpenedServer {
  server: FastifyInstance;
  recorder: TerminalRecorder;
}

/** What it opens is closed with `opened`. */
export const openServer = async (facts: ServerFacts): Promise<OpenedServer> => {
  const { config, foundation, services, origins, stop, opened } = facts;
  const certificates = chooseCertificate(foundation.certificates);
  const limits = createRequestLimits();
  const webFiles = createWebFiles(webFolder);
  const server = createServer({ certificates, log: foundation.logs.log, origins, limits, webFiles });
  if (facts.onRoute !== undefined) server.addHook('onRoute', facts.onRoute);
  opened.use(
    renewCertificates({
      folder: foundation.home.certificates,
      operator: config.certificate,
      served: foundation.certificates,
      log: foundation.logs.log,
      names: namesOf(config),
      use: (renewed) => certificates.use(renewed, server.server as HttpsServer),
    }),
  );
  const recorder = opened.use(await openEdges({ server, services, foundation, limits, stop }));
  opened.defer(() => closeServer(server));
  return { server, recorder };
};

/** Calls under way may end in this time; then their connections are cut. */
const closeGraceMs = 1000;

const closeServer = async (server: FastifyInstance): Promise<void> => {
  const cut = setTimeout(() => server.server.closeAllConnections(), closeGraceMs);
  await server.close();
  clearTimeout(cut);
};
