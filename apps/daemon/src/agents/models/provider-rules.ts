/** What a provider may be, and where its key may go (A4, A8). */
import { defaultBaseUrls } from '@navisai/agent';
import { NavisError, type RouteInput } from '@navisai/protocol';
import type { ModelProviderRecord } from '@navisai/store';

export type ProviderOrder = RouteInput<'addModelProvider'>['body'];

export type ProviderFacts = Pick<ModelProviderRecord, 'id' | 'kind' | 'baseUrl' | 'models'>;

/** A change over what is there; what was left out stays. Throws NavisError INVALID_ARGUMENT. */
export const composeProvider = (order: ProviderOrder, before: ProviderFacts | undefined): ProviderFacts => {
  const kept = before?.kind === order.kind ? before : undefined;
  const baseUrl = order.baseUrl === undefined ? (kept?.baseUrl ?? null) : requireBaseUrl(order.baseUrl);
  if (order.kind === 'openai-compatible' && baseUrl === null)
    throw refuse('An OpenAI-compatible provider needs its base URL, such as http://127.0.0.1:11434/v1.', 'baseUrl');
  const models = order.models?.map(({ id, contextTokens = null }) => ({ id, contextTokens }));
  return { id: order.id, kind: order.kind, baseUrl, models: models ?? kept?.models ?? [] };
};

/** Where a key of this provider is sent; it is sealed for that place. */
export const placeOf = ({ kind, baseUrl }: Pick<ProviderFacts, 'kind' | 'baseUrl'>): string =>
  `${kind} ${new URL(baseUrl ?? defaultBaseUrls[kind]).origin}`;

const requireBaseUrl = (given: string): string => {
  const url = new URL(given);
  if (url.username !== '' || url.password !== '')
    throw refuse('A base URL has no user name or password in it; give a key instead.', 'baseUrl');
  if (url.search !== '' || url.hash !== '') throw refuse('A base URL ends with its path, without ? and #.', 'baseUrl');
  return given.replace(/\/+$/, '');
};

export const refuse = (message: string, field: string): NavisError =>
  new NavisError('INVALID_ARGUMENT', message, { field });
