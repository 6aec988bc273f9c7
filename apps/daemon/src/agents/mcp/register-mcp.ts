/** The hub's MCP server over streamable HTTP at `/mcp`: authenticated, with Host and Origin checked like every request (I20). */
import { mcpPath, mcpSessionHeader, NavisError, toErrorBody } from '@navisai/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { RequestLimits } from '../../http/request-limits.ts';
import { type CallerParts, type McpCaller, recogniseCaller } from './mcp-caller.ts';
import type { McpClient, McpServerParts } from './mcp-server.ts';

export interface McpEdgeParts extends CallerParts, McpServerParts {
  limits: RequestLimits;
  requireStore(): void;
  whenReady(): Promise<void>;
}

const noBody = new Uint8Array();
/** A call may wait for a person; comments on the stream keep proxies from closing it. */
const keepAliveMs = 15_000;

export const registerMcp = (server: FastifyInstance, parts: McpEdgeParts): void => {
  const handler = lazily(() => openHandler(parts));
  server.route({
    method: ['GET', 'POST', 'DELETE'],
    url: mcpPath,
    exposeHeadRoute: false,
    async onRequest(request, reply) {
      parts.requireStore();
      // Told before a body is read.
      if (!/^(Bearer|Navis) +\S/i.test(request.headers.authorization ?? '')) {
        challenge(reply);
        throw new NavisError('UNAUTHORIZED', 'This needs a token: navisai mcp token add.');
      }
      await parts.whenReady();
    },
    async handler(request, reply) {
      const caller = await authorize(parts, request, reply);
      const { fetch } = await handler();
      const session = singleHeader(request, clientSessionHeader);
      if (session === undefined && begins(request)) reply.header(clientSessionHeader, randomUUID());
      return send(reply, await fetch(toWebRequest(request, reply), { caller, session }));
    },
  });
};

/** Nothing is kept for it: it tells whose request a client cancels. */
const clientSessionHeader = 'mcp-session-id';
const maxSessionLength = 100;

const singleHeader = (request: FastifyRequest, name: string): string | undefined => {
  const value = request.headers[name];
  return typeof value === 'string' && value.length <= maxSessionLength ? value : undefined;
};

/** The first request of a client is never long. */
const begins = ({ body }: FastifyRequest): boolean =>
  body instanceof Uint8Array &&
  body.length < 64 * 1024 &&
  /"method"\s*:\s*"initialize"/.test(Buffer.from(body).toString());

const lazily = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
};

/** Loaded with the first call: most hubs serve none. */
const openHandler = async (parts: McpEdgeParts) => {
  const [{ createMcpHandler }, { createMcpServer }] = await Promise.all([
    import('@modelcontextprotocol/server'),
    import('./mcp-server.ts'),
  ]);
  const handler = createMcpHandler(({ authInfo }) => createMcpServer(parts, authInfo?.extra?.['client'] as McpClient), {
    keepAliveMs,
  });
  return {
    fetch: (request: Request, client: McpClient): Promise<Response> =>
      // The token itself goes no further.
      handler.fetch(request, { authInfo: { token: '', clientId: '', scopes: [], extra: { client } } }),
  };
};

const authorize = async (parts: McpEdgeParts, request: FastifyRequest, reply: FastifyReply): Promise<McpCaller> => {
  const attempt = {
    authorization: request.headers.authorization,
    session: singleHeader(request, mcpSessionHeader),
    method: request.method,
    url: request.raw.url ?? '',
    body: request.body instanceof Uint8Array ? request.body : noBody,
  };
  try {
    return await recogniseCaller(parts, attempt);
  } catch (error) {
    if (toErrorBody(error).code === 'UNAUTHORIZED') challenge(reply, ', error="invalid_token"');
    parts.limits.countRefusal(request, error);
    throw error;
  }
};

const challenge = (reply: FastifyReply, more = ''): void =>
  void reply.header('www-authenticate', `Bearer realm="navis"${more}`);

/** Its signal ends with the connection, and with it what the call does. */
const toWebRequest = (request: FastifyRequest, reply: FastifyReply): Request => {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers))
    if (typeof value === 'string' && name !== 'authorization') headers.set(name, value);
  const body = request.body instanceof Uint8Array && request.method === 'POST' ? new Uint8Array(request.body) : null;
  return new Request(`https://${request.headers.host ?? 'localhost'}${mcpPath}`, {
    method: request.method,
    headers,
    body,
    signal: gone.signal,
  });
};

const send = (reply: FastifyReply, response: Response): FastifyReply => {
  reply.code(response.status).header('cache-control', 'no-store');
  for (const [name, value] of response.headers) if (name !== 'content-length') reply.header(name, value);
  // What only was taken note of has no body at all.
  return response.body === null ? reply.send() : reply.send(Readable.fromWeb(response.body as ReadableStream));
};
