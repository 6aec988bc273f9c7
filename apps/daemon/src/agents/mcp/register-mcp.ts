/** The hub's MCP server over streamable HTTP at `/mcp`: authenticated, with Host and Origin checked like every request (I20). */
import { mcpPath, mcpSessionHeader, NavisError, toErrorBody } from '@navisai/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { RequestLimits } from '../../http/request-limits.ts';
import { type CallerParts, type McpCaller, recogniseCaller } from './mcp-caller.ts';
import type { McpServerParts } from './mcp-server.ts';

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
      return send(reply, await fetch(toWebRequest(request, reply), caller));
    },
  });
};

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
  const handler = createMcpHandler(({ authInfo }) => createMcpServer(parts, authInfo?.extra?.['caller'] as McpCaller), {
    keepAliveMs,
  });
  return {
    fetch: (request: Request, caller: McpCaller): Promise<Response> =>
      // The token itself goes no further.
      handler.fetch(request, { authInfo: { token: '', clientId: '', scopes: [], extra: { caller } } }),
  };
};

const authorize = async (parts: McpEdgeParts, request: FastifyRequest, reply: FastifyReply): Promise<McpCaller> => {
  const session = request.headers[mcpSessionHeader];
  const attempt = {
    authorization: request.headers.authorization,
    session: typeof session === 'string' ? session : undefined,
    method: request.method,
    url: request.raw.url ?? '',
    body: request.body instanceof Uint8Array ? request.body : noBody,
  };
  try {
    return await recogniseCaller(parts, attempt);
  } catch (error) {
    if (toErrorBody(error).code === 'UNAUTHORIZED') challenge(reply);
    parts.limits.countRefusal(request, error);
    throw error;
  }
};

const challenge = (reply: FastifyReply): void => void reply.header('www-authenticate', 'Bearer realm="navis"');

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
  return reply.send(response.body === null ? null : Readable.fromWeb(response.body as ReadableStream));
};
