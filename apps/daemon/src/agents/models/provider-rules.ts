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

/** Not for talking. */
const otherModels =
  /embed|whisper|tts|dall-e|moderation|audio|realtime|image|transcribe|speech|rerank|babbage|davinci|guard|sora|veo|aqa|ocr|computer-use|deep-research/i;
/** In the order of preference; of a provider that lists hundreds. */
const goodModels = [/^gpt-5(\.\d+)?$/, /^gpt-4\.1$/, /^claude-sonnet/, /^gemini-flash-latest$/, /^gemini-2\.5-flash$/];

/** The one to try of what a provider offers, where nobody named one. */
export const chooseOffered = (offered: readonly { id: string }[]): string | undefined => {
  const ids = offered.map(({ id }) => id);
  const good = goodModels.map((pattern) => ids.find((id) => pattern.test(id))).find((id) => id !== undefined);
  return good ?? ids.find((id) => !otherModels.test(id)) ?? ids[0];
};

const requireBaseUrl = (given: string): string => {
  const url = new URL(given);
  if (url.username !== '' || url.password !== '')
    throw refuse('A base URL has no user name or password in it; give a key instead.', 'baseUrl');
  if (url.search !== '' || url.hash !== '') throw refuse('A base URL ends with its path, without ? and #.', 'baseUrl');
  return given.replace(/\/+$/, '');
};

export const refuse = (message: string, field: string): NavisError =>
  new NavisError('INVALID_ARGUMENT', message, { field });
