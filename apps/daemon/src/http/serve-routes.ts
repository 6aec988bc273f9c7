/** Serves the route table of the protocol: authentication, scope, parsing and answers are the same for every route (I7, I15). */
import {
  argumentError,
  type Device,
  NavisError,
  type Route,
  type RouteName,
  routes,
  scopeIncludes,
} from '@navisai/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Authenticator } from '../authentication/authenticate.ts';
import type { Handlers } from './handler.types.ts';
import type { RequestLimits } from './request-limits.ts';

export interface ServeParts {
  authenticator: Authenticator;
  limits: RequestLimits;
  /** Throws NavisError DEGRADED while the store cannot be read. */
  requireStore(): void;
  /** Resolves when the machine has started; the hub answers what is public before. */
  whenReady(): Promise<void>;
  /** Told of every authenticated call. */
  onCall(device: Device): void;
}

const noBody = new Uint8Array();
/** No public route takes more than a name, a token and a key. */
const publicBodyBytes = 16 * 1024;

export const serveRoutes = (server: FastifyInstance, handlers: Handlers, parts: ServeParts): void => {
  server.removeAllContentTypeParsers();
  // The signature covers the raw bytes, so they are parsed after it was checked.
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  for (const name of Object.keys(routes) as RouteName[]) serveRoute(server, { name, handlers, parts });
};

interface Served<N extends RouteName> {
  name: N;
  handlers: Handlers;
  parts: ServeParts;
}

const serveRoute = <N extends RouteName>(server: FastifyInstance, { name, handlers, parts }: Served<N>): void => {
  const route: Route = routes[name];
  const isPublic = route.access === 'public';
  server.route({
    method: route.method,
    url: route.path,
    exposeHeadRoute: isPublic,
    ...(isPublic ? { bodyLimit: publicBodyBytes } : {}),
    async onRequest(request) {
      if (route.whenDegraded !== true) parts.requireStore();
      if (isPublic) parts.limits.takePublic(name, request.ip);
      else {
        parts.authenticator.requireCredential(request.headers.authorization);
        await parts.whenReady();
      }
    },
    async handler(request, reply) {
      const device = isPublic ? undefined : authorize(request, { route, parts });
      const call = { ...parseInput(route, request), peer: request.ip, header: reply.header.bind(reply) };
      Object.defineProperty(call, 'device', { get: () => requireDevice(device) });
      // The table ties name, input and handler together; TypeScript cannot follow that through a loop.
      const handler = handlers[name] as (call: unknown) => unknown;
      return answer(reply, { route, result: await handler(call) });
    },
  });
};

/** The calling device; throws NavisError UNAUTHORIZED, CLOCK_SKEW, FORBIDDEN or RATE_LIMITED. */
const authorize = (request: FastifyRequest, { route, parts }: { route: Route; parts: ServeParts }): Device => {
  const { authenticator, limits } = parts;
  const device = limits.watchFailures(request, () =>
    authenticator.authenticateRequest({
      authorization: request.headers.authorization,
      method: request.method,
      url: request.raw.url ?? '',
      body: request.body instanceof Uint8Array ? request.body : noBody,
    }),
  );
  limits.takeDevice(device.id);
  if (route.access !== 'public' && !scopeIncludes(device.scope, route.access))
    throw new NavisError(
      'FORBIDDEN',
      `This needs a device with the scope ${route.access}; this one has ${device.scope}.`,
    );
  parts.onCall(device);
  return device;
};

const requireDevice = (device: Device | undefined): Device => {
  if (device === undefined) throw new NavisError('UNAUTHORIZED');
  return device;
};

const parseInput = (route: Route, request: FastifyRequest) => ({
  params: parse(route.params, request.params),
  query: parse(route.query, request.query),
  body: parse(route.body, readBody(route, request)),
});

/** A body that is left out counts as an empty object, and an empty object as no body, where that is what the route takes. */
const readBody = (route: Route, request: FastifyRequest): unknown => {
  const bytes = request.body instanceof Uint8Array ? request.body : noBody;
  const takesNone = route.body.safeParse(undefined).success;
  if (bytes.length === 0) return takesNone ? undefined : {};
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? ''))
    throw new NavisError('INVALID_REQUEST', 'The body must be application/json.');
  const body = parseJson(bytes);
  const isEmptyObject = typeof body === 'object' && body !== null && Object.keys(body).length === 0;
  return isEmptyObject && takesNone && !route.body.safeParse(body).success ? undefined : body;
};

const parseJson = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new NavisError('INVALID_REQUEST', 'The body is not valid JSON.', { cause });
  }
};

/** Throws NavisError INVALID_REQUEST naming the field. */
const parse = (schema: z.ZodType, value: unknown): unknown => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { field, message } = argumentError(parsed.error);
  throw new NavisError(
    'INVALID_REQUEST',
    message.replace(/ Nothing was started\.$/, ''),
    field === undefined ? {} : { field },
  );
};

const answer = (reply: FastifyReply, { route, result }: { route: Route; result: unknown }): FastifyReply => {
  if (result === undefined) return reply.code(204).send();
  if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  if (route.contentType === undefined)
    return reply.type('application/json; charset=utf-8').send(JSON.stringify(result));
  return reply
    .type(route.contentType)
    .send(result instanceof Uint8Array ? Buffer.from(result.buffer, result.byteOffset, result.byteLength) : result);
};
