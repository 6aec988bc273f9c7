/** Requests to a provider: no redirect is followed, so that a key goes to no other host; no answer is without bound. */
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

export const guardedFetch =
  (given: typeof fetch = fetch): typeof fetch =>
  async (input, init) => {
    const response = await given(input, { ...init, redirect: 'manual' });
    if (response.status < 300 || response.status >= 400) return bounded(response);
    await response.body?.cancel();
    throw new RedirectError(URL.parse(response.headers.get('location') ?? '', response.url)?.host ?? 'nowhere');
  };

const bounded = (response: Response): Response => {
  if (response.body === null) return response;
  const reader = response.body.getReader();
  let total = 0;
  const read = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    const { done, value } = await reader.read();
    if (done) return controller.close();
    total += value.length;
    if (total <= maxAnswerBytes) return controller.enqueue(value);
    const error = new Error(`the answer has more than ${maxAnswerBytes} bytes.`);
    controller.error(error);
    await reader.cancel(error);
  };
  const cancel = (reason: unknown): Promise<void> => reader.cancel(reason);
  const body = new ReadableStream({ pull: read, cancel }, { highWaterMark: 0 });
  const { status, statusText, headers } = response;
  return new Response(body, { status, statusText, headers });
};
