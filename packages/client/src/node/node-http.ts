/** HTTP through `node:https` with a kept connection and the hub's own CA. */
import { Agent, request as requestHttps } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { LookupFunction } from 'node:net';
import type { HttpRequest, HttpResponse, HttpTransport } from '../http.types.ts';

export interface NodeHttpOptions {
  origin: string;
  /** PEM; without it those count that Node.js knows. */
  ca?: string | string[] | undefined;
  lookup?: LookupFunction | undefined;
}

/** Larger answers end the call. */
const maxAnswerBytes = 256 * 1024 * 1024;

export const createNodeHttp = (options: NodeHttpOptions): HttpTransport => {
  const { origin, ca, lookup } = options;
  const trust = { ...(ca === undefined ? {} : { ca }), ...(lookup === undefined ? {} : { lookup }) };
  const kept = new Agent({ keepAlive: true, ...trust });
  const fresh = new Agent(trust);
  return async (request) => {
    try {
      return await sendRequest({ origin, agent: kept }, request);
    } catch (error) {
      if (!(error instanceof KeptConnectionLost) || !mayRepeat(request)) throw error;
      const answer = await sendRequest({ origin, agent: fresh }, request).catch(() => undefined);
      // It may have been taken already: nobody knows then what became of it, and it must not be signed anew.
      if (answer === undefined || answer.status === 401) throw error;
      return answer;
    }
  };
};

/** The hub closed a connection that was kept, at the moment when it was used again; no answer came. */
class KeptConnectionLost extends Error {}

/** A signed request counts once, also where the hub began anew meanwhile (I13). */
const mayRepeat = ({ headers, signal }: HttpRequest): boolean =>
  headers['authorization'] !== undefined && !signal.aborted;

const isLost = (error: Error): boolean => 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');

const sendRequest = (target: { origin: string; agent: Agent }, request: HttpRequest): Promise<HttpResponse> =>
  new Promise((resolve, reject) => {
    const url = new URL(target.origin);
    const outgoing = requestHttps(
      {
        agent: target.agent,
        hostname: url.hostname.replace(/^\[|\]$/g, ''),
        port: url.port || 443,
        method: request.method,
        // Not through URL: what was signed must travel as it is.
        path: request.pathAndQuery,
        headers: { ...request.headers, 'content-length': request.body?.length ?? 0 },
        signal: request.signal,
      },
      (incoming) => collect(incoming, request.onData).then(resolve, reject),
    );
    outgoing.on('error', (error) => {
      const cause =
        outgoing.reusedSocket && isLost(error) ? new KeptConnectionLost(error.message, { cause: error }) : error;
      reject(cause);
    });
    outgoing.end(request.body);
  });

const collect = async (incoming: IncomingMessage, onData: HttpRequest['onData']): Promise<HttpResponse> => {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    total += chunk.length;
    if (total > maxAnswerBytes) throw new RangeError('the answer is too large');
    chunks.push(chunk);
    onData?.(chunk);
  }
  const body = new Uint8Array(total);
  Buffer.concat(chunks, total).copy(body);
  return {
    status: incoming.statusCode ?? 0,
    header: (name) => {
      const value = incoming.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    body,
  };
};
