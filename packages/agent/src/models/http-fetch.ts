/** `fetch` for requests to models, over the HTTP client of Node.js: the one it brings takes twice the processor time for each turn (L1). */
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { pipeline, type Readable } from 'node:stream';
import { createUnzip } from 'node:zlib';

/** What `fetch` and these requests have in common. */
export interface HttpRequest {
  method?: string | undefined;
  headers?: RequestInit['headers'];
  body?: string | undefined;
  signal?: AbortSignal | null | undefined;
}

/**
 * Rejects as `fetch` does, with its cause; follows no redirect. Connections are kept by the process, which also knows its proxy.
 * `limit` is told of each piece's length, and throws where that is too much.
 */
export const httpFetch = async (
  address: string,
  { method = 'GET', headers, body, signal }: HttpRequest,
  limit: (bytes: number) => void,
): Promise<Response> => {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const open = address.startsWith('https:') ? requestHttps : requestHttp;
    const sent = { ...anyAnswer, ...Object.fromEntries(new Headers(headers)) };
    const request = open(address, { method, headers: sent, ...(signal ? { signal } : {}) }, resolve);
    request.on('error', reject);
    request.end(body);
  }).catch((cause: unknown) => {
    throw signal?.aborted === true ? signal.reason : new TypeError('fetch failed', { cause });
  });
  // Whoever reads the answer is told of it.
  answer.on('error', () => undefined);
  const { statusCode: status = 0, statusMessage: statusText } = answer;
  const hasBody = !emptyAnswers.has(status);
  if (!hasBody) answer.resume();
  return new Response(hasBody ? bodyOf(answer, limit) : null, { status, statusText, headers: headersOf(answer) });
};

const anyAnswer = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'node' };
const emptyAnswers: ReadonlySet<number> = new Set([204, 205, 304]);

const headersOf = ({ headersDistinct }: IncomingMessage): [string, string][] =>
  Object.entries(headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );

const bodyOf = (answer: IncomingMessage, limit: (bytes: number) => void): ReadableStream<Uint8Array> => {
  const source = plain(answer);
  const pieces = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    try {
      const { done, value } = await pieces.next();
      if (done === true) return controller.close();
      limit(value.length);
      controller.enqueue(value);
    } catch (error) {
      answer.destroy();
      controller.error(error);
    }
  };
  /** An answer that is whole leaves its connection for the next request. */
  const cancel = (): void => {
    if (answer.complete) source.resume();
    else answer.destroy();
  };
  return new ReadableStream({ pull, cancel }, { highWaterMark: 0 });
};

/** Some compress although nobody asked for it. */
const plain = (answer: IncomingMessage): Readable =>
  /^(x-)?(gzip|deflate)$/i.test(answer.headers['content-encoding'] ?? '')
    ? pipeline(answer, createUnzip(), () => undefined)
    : answer;
