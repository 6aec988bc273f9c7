/** Requests to a provider: no redirect is followed, so that a key goes to the host that it was given for and to no other. */
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

export const withoutRedirects =
  (given: typeof fetch = fetch): typeof fetch =>
  async (input, init) => {
    const response = await given(input, { ...init, redirect: 'manual' });
    if (response.status < 300 || response.status >= 400) return response;
    await response.body?.cancel();
    throw new RedirectError(URL.parse(response.headers.get('location') ?? '', response.url)?.host ?? 'nowhere');
  };
