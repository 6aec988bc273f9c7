/** The HTTPS server: what holds for every request, whichever route it asks for (I3, I10, I11). */
import type { Server as HttpsServer } from 'node:https';
import { maxBodyBytes, NavisError } from '@navisai/protocol';
import {
  fastify,
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import type { CertificateChooser } from '../certificates/choose-certificate.ts';
import { answerClientError, replyError } from './error-reply.ts';
import type { OriginPolicy } from './host-and-origin.ts';
import type { RequestLimits } from './request-limits.ts';
import type { WebFiles } from './web-files.ts';

export interface ServerParts {
  certificates: CertificateChooser;
  log: FastifyBaseLogger;
  origins: OriginPolicy;
  limits: RequestLimits;
  webFiles: WebFiles;
}

/** A request that is not complete by then is cut off. */
const requestDeadlineMs = 60_000;
/** Thousands of nodes, and everybody else. */
const maxConnections = 25_000;

export const createServer = (parts: ServerParts): FastifyInstance => {
  const { certificates, log, origins, limits, webFiles } = parts;
  const server = fastify({
    https: certificates.options,
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    exposeHeadRoutes: false,
    bodyLimit: maxBodyBytes,
    requestTimeout: requestDeadlineMs,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => void replyError(error, request, reply),
  });
  (server.server as unknown as HttpsServer).maxConnections = maxConnections;
  server.setErrorHandler((error, request, reply) => replyError(error, request, reply));
  server.addHook('onRequest', async (request, reply) => {
    setSecurityHeaders(reply);
    limits.takePeer(request.ip);
    origins.check(request.headers);
    if (isPageVisit(request)) return webFiles(request, reply);
    return allowCrossOrigin(request, reply, origins);
  });
  server.setNotFoundHandler(async (request, reply) => {
    if (request.method === 'GET' || request.method === 'HEAD') return webFiles(request, reply);
    throw new NavisError('NOT_FOUND', 'There is no such address here.');
  });
  server.addHook('onResponse', async (request, reply) => {
    // The route, not the address: queries of sockets carry credentials.
    const facts = { method: request.method, route: request.routeOptions.url, status: reply.statusCode };
    log.debug({ ...facts, ms: Math.round(reply.elapsedTime * 10) / 10 }, 'request');
  });
  return server;
};

/** The inbox is a page of the PWA and a route of the API: browsers say when a person goes there. */
const isPageVisit = ({ method, url, headers }: FastifyRequest): boolean =>
  method === 'GET' &&
  headers['sec-fetch-mode'] === 'navigate' &&
  headers.authorization === undefined &&
  /^\/approvals(\/[^/?]+)?(\?|$)/.test(url);

const setSecurityHeaders = (reply: FastifyReply): void => {
  reply.headers({
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  });
};

const preflightSeconds = 600;

/** Pages of configured origins may call; the origin was checked before. Answers preflights. */
const allowCrossOrigin = (
  request: FastifyRequest,
  reply: FastifyReply,
  origins: OriginPolicy,
): FastifyReply | undefined => {
  reply.header('vary', 'origin');
  const origin = origins.corsOrigin(request.headers);
  if (origin !== undefined) {
    reply.headers({
      'access-control-allow-origin': origin,
      'access-control-expose-headers':
        'navis-offset, navis-next-offset, navis-first-offset, navis-end-offset, retry-after',
    });
  }
  if (request.method !== 'OPTIONS') return undefined;
  if (origin === undefined || request.headers['access-control-request-method'] === undefined)
    throw new NavisError('NOT_FOUND', 'There is no such address here.');
  return reply
    .code(204)
    .headers({
      'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers': 'authorization, content-type',
      'access-control-max-age': String(preflightSeconds),
    })
    .send();
};
