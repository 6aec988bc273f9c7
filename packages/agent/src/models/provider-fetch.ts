/** Requests to a provider: no redirect is followed, so that a key goes to no other host; no answer is without bound. */
import { httpFetch } from './http-fetch.ts';
import type { ProviderSettings } from './models.types.ts';

export const defaultBaseUrls = {
  'openai-compatible': 'http://127.0.0.1:11434/v1',
  openai: 'https://api.openai.com/v1',
  anthropic: 'https://api.anthropic.com/v1',
  google: 'https://generativelanguage.googleapis.com/v1beta',
} as const;

export const baseUrlOf = ({ baseUrl, kind }: Pick<ProviderSettings, 'baseUrl' | 'kind'>): string =>
  (baseUrl ?? defaultBaseUrls[kind]).replace(/\/+$/, '');

/** Without what may be secret in it. */
export const shownUrl = (settings: Pick<ProviderSettings, 'baseUrl' | 'kind'>): string => {
  const url = URL.parse(baseUrlOf(settings));
  return url === null ? 'its base URL' : `${url.origin}${url.pathname}`;
};

export class RedirectError extends Error {
  /** Where it would have gone. */
  readonly host: string;

  constructor(host: string) {
    super(`redirected to ${host}`);
    this.host = host;
  }
}

/** Far more than any answer; what is longer is cut off, whatever it is. */
const maxAnswerBytes = 64 * 1024 * 1024;

/** `given` instead of Node.js's own HTTP. */
export const guardedFetch =
  (given?: typeof fetch): typeof fetch =>
  async (input, init = {}) => {
    const address = input instanceof Request ? input.url : String(input);
    const response = await (given === undefined ? overHttp(address, init) : overGiven(given, { address, init }));
    if (response.status < 300 || response.status >= 400) return response;
    await response.body?.cancel();
    throw new RedirectError(URL.parse(response.headers.get('location') ?? '', address)?.host ?? 'nowhere');
  };

const overHttp = (address: string, { body = null, method, headers, signal }: RequestInit): Promise<Response> => {
  if (body !== null && typeof body !== 'string') throw new TypeError('only text is sent to models');
  return httpFetch(address, { method, headers, body: body ?? undefined, signal }, createLimit());
};

interface GivenRequest {
  address: string;
  init: RequestInit;
}

const overGiven = async (given: typeof fetch, { address, init }: GivenRequest): Promise<Response> => {
  const response = await given(address, { ...init, redirect: 'manual' });
  if (response.body === null) return response;
  const limit = createLimit();
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      limit(chunk.length);
      controller.enqueue(chunk);
    },
  });
  const { status, statusText, headers } = response;
  return new Response(response.body.pipeThrough(counted), { status, statusText, headers });
};

const createLimit = (): ((bytes: number) => void) => {
  let total = 0;
  return (bytes) => {
    total += bytes;
    if (total > maxAnswerBytes) throw new Error(`the answer has more than ${maxAnswerBytes} bytes.`);
  };
};
