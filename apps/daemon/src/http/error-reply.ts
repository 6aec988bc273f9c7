/** Turns whatever went wrong into the answer of I10: `{code, message}`, no stack, no path. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type ErrorBody, NavisError, toErrorBody } from '@navisai/protocol';
import type { ConnectionError, FastifyError, FastifyReply, FastifyRequest } from 'fastify';

export const replyError = (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
  const shown = fromFastify(error);
  if (!(shown instanceof NavisError))
    request.log.error({ err: error, route: request.routeOptions.url }, 'request failed');
  const body: ErrorBody = toErrorBody(shown);
  if (typeof body.retryAfter === 'number') reply.header('retry-after', body.retryAfter);
  if (body.code === 'PAYLOAD_TOO_LARGE') hearOut(request, reply);
  return reply
    .code(shown instanceof NavisError ? shown.httpStatus : 500)
    .header('cache-control', 'no-store')
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(body));
};

/** The rest of a body that is refused for its size is read and dropped up to here; a longer one is cut off. */
const maxHeardOutBytes = 64 * 1024 * 1024;

/** A connection that is closed while its client still writes is reset, and the client does not see the answer. */
const hearOut = (request: FastifyRequest, reply: FastifyReply): void => {
  if (Number(request.headers['content-length']) <= maxHeardOutBytes) reply.removeHeader('connection');
};

/** What the HTTP parser refuses: there is no request yet, only its socket. */
export const answerClientError = (error: ConnectionError, socket: Socket): void => {
  // Whoever asked has gone.
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const shown =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? new NavisError('PAYLOAD_TOO_LARGE', 'The address and the headers of the request are too large.')
      : new NavisError('INVALID_REQUEST');
  const body = JSON.stringify(toErrorBody(shown));
  const lines = [
    `HTTP/1.1 ${shown.httpStatus} ${STATUS_CODES[shown.httpStatus] ?? ''}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
};

/** Errors that fastify itself finds before a handler runs. */
const fromFastify = (error: unknown): unknown => {
  if (error instanceof NavisError || !(error instanceof Error)) return error;
  const { code, statusCode } = error as Partial<FastifyError>;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new NavisError('PAYLOAD_TOO_LARGE', undefined, { cause: error });
  if (statusCode === 404) return new NavisError('NOT_FOUND', undefined, { cause: error });
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new NavisError('INVALID_REQUEST', undefined, { cause: error });
  return error;
};
