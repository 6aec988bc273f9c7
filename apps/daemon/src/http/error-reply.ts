/** Turns whatever went wrong into the answer of I10: `{code, message}`, no stack, no path. */
import { type ErrorBody, NavisError, toErrorBody } from '@navisai/protocol';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';

export const replyError = (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
  const shown = fromFastify(error);
  if (!(shown instanceof NavisError))
    request.log.error({ err: error, route: request.routeOptions.url }, 'request failed');
  const body: ErrorBody = toErrorBody(shown);
  if (typeof body.retryAfter === 'number') reply.header('retry-after', body.retryAfter);
  return reply
    .code(shown instanceof NavisError ? shown.httpStatus : 500)
    .header('cache-control', 'no-store')
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(body));
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
