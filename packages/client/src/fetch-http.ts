/** HTTP through `fetch`, for browsers. */
import type { HttpTransport } from './http.types.ts';

/** Requests go to `origin`; cookies and caches play no part. */
export const createFetchHttp =
  (origin: string): HttpTransport =>
  async (request) => {
    const response = await fetch(origin + request.pathAndQuery, {
      method: request.method,
      headers: request.headers,
      body: request.body ?? null,
      signal: request.signal,
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'error',
    });
    const body = new Uint8Array(await response.arrayBuffer());
    return { status: response.status, header: (name) => response.headers.get(name) ?? undefined, body };
  };
