/** What went wrong at a provider, in one table of causes, with words that help and without the key. */
import { APICallError, InvalidResponseDataError, JSONParseError, TypeValidationError } from '@ai-sdk/provider';
import type { ModelError } from '../agent.types.ts';
import { SilenceError } from '../resilience/patience.ts';
import type { ProviderSettings } from './models.types.ts';
import { RedirectError, shownUrl } from './provider-fetch.ts';

/** Characters of what a provider says that are shown. */
const maxQuoted = 500;

export interface FailedModel {
  provider: ProviderSettings;
  model: string;
}

/** Judges whatever a provider's package threw or sent as an error. */
export const toModelError = (failure: unknown, failed: FailedModel): ModelError => {
  const { provider } = failed;
  const name = `Provider ${provider.id}`;
  if (failure instanceof SilenceError) {
    const seconds = Math.round(failure.afterMs / 1000);
    const message = `${name} at ${shownUrl(provider)} said nothing for ${seconds} s. It may be busy or hang.`;
    // Whoever was waited for that long is not waited for again; another model may answer.
    return { code: 'UNREACHABLE', message, isRetryable: false };
  }
  const redirect = causes(failure).find((cause) => cause instanceof RedirectError);
  if (redirect !== undefined) {
    const message = `${name} at ${shownUrl(provider)} redirects to ${redirect.host}; a key is not carried there. If that is right, set it as the base URL.`;
    return { code: 'UNREACHABLE', message, isRetryable: false };
  }
  const facts = factsOf(failure);
  if (facts.status !== undefined || facts.isSaid) return byStatus(facts, failed);
  const isBroken = causes(failure).some(
    (cause) => JSONParseError.isInstance(cause) || TypeValidationError.isInstance(cause),
  );
  if (isBroken)
    return unreachable(
      `${name} at ${shownUrl(provider)} sent something that cannot be read. Is it the right kind of provider?`,
    );
  if (InvalidResponseDataError.isInstance(failure)) {
    return unreachable(`${name} at ${shownUrl(provider)} ended its answer before it was whole.`);
  }
  return unreachable(`${name} cannot be reached at ${shownUrl(provider)}: ${networkWords(failure, failed)}`);
};

export const refused = ({ provider, model }: FailedModel): ModelError => ({
  code: 'REFUSED',
  message: `${provider.id}/${model} did not answer: its provider's filter refused the content.`,
  isRetryable: false,
});

export const interrupted = ({ provider }: FailedModel): ModelError =>
  unreachable(`Provider ${provider.id} at ${shownUrl(provider)} ended its answer before it was whole.`);

export const cancelled: ModelError = { code: 'CANCELLED', message: 'The answer was stopped.', isRetryable: false };

export const missingKey = ({ provider }: FailedModel): ModelError => ({
  code: 'AUTHENTICATION',
  message: `Provider ${provider.id} has no key. Add one: navisai models add ${provider.id} --key`,
  isRetryable: false,
});

const unreachable = (message: string): ModelError => ({ code: 'UNREACHABLE', message, isRetryable: true });

interface Facts {
  status: number | undefined;
  /** What the provider said, for looking into. */
  words: string;
  /** What of it is for people. */
  quote: string;
  retryAfterMs: number | undefined;
  /** The provider itself told of an error. */
  isSaid: boolean;
}

/** An error of the protocol, or one that was told within the stream in whatever shape. */
const factsOf = (failure: unknown): Facts => {
  if (APICallError.isInstance(failure)) {
    const { statusCode: status, responseBody = '', message, responseHeaders = {} } = failure;
    // An answer that broke off is told as an error of status 200.
    const isSaid = status !== undefined && status >= 400;
    const retryAfterMs = retryAfter(responseHeaders, Date.now());
    return {
      status: isSaid ? status : undefined,
      words: `${message} ${responseBody}`,
      quote: message,
      retryAfterMs,
      isSaid,
    };
  }
  const told = typeof failure === 'object' && failure !== null && !(failure instanceof Error) ? failure : undefined;
  if (told === undefined && typeof failure !== 'string') {
    return { status: undefined, words: '', quote: '', retryAfterMs: undefined, isSaid: false };
  }
  const words = typeof failure === 'string' ? failure : JSON.stringify(told);
  const message = told === undefined ? words : findMessage(told);
  return { status: statusIn(words), words, quote: message ?? words, retryAfterMs: undefined, isSaid: true };
};

const findMessage = (told: object): string | undefined => {
  for (const value of [Reflect.get(told, 'message'), Reflect.get(told, 'error')]) {
    if (typeof value === 'string') return value;
    if (typeof value === 'object' && value !== null) return findMessage(value);
  }
  return undefined;
};

const statusWords: readonly [RegExp, number][] = [
  [/overloaded|unavailable/i, 529],
  [/rate_limit|resource_exhausted/i, 429],
  [/authentication_error|invalid_api_key/i, 401],
  [/invalid_request|invalid_prompt/i, 400],
];

const statusIn = (words: string): number | undefined =>
  statusWords.find(([pattern]) => pattern.test(words))?.[1] ?? (tooLong.test(words) ? 400 : undefined);

/** As OpenAI, Anthropic, Google, vLLM, llama.cpp, LM Studio, Ollama and their kin say it. */
const tooLong =
  /context[_ ](length|window|size|limit)|prompt is too long|input is too long|too many (input )?tokens|token count.{0,40}exceeds|exceed_context_size|maximum (prompt|input) length|reduce the length|exceeds? the (available|maximum) context|too large for model|request_too_large/i;
const badKey = /api[ _]key (not valid|expired|not found)|API_KEY_INVALID|invalid[_ ]api[_ ]key|incorrect api key/i;
const noMoney = /insufficient_quota|credit balance|billing|exceeded your current quota.*plan/i;
const noModel = /model.{0,80}(not found|does not exist|not exist|not supported for)|model_not_found|not_found_error/i;
const filtered = /content_filter|content_policy|safety|prohibited_content|usage policies/i;

interface Meaning extends Pick<ModelError, 'code' | 'isRetryable'> {
  fits(facts: { status: number; words: string }): boolean;
  say(names: { id: string; model: string; said: string; status: number; failed: FailedModel }): string;
}

/** The first row that fits counts; the last one always does. */
const meanings: readonly Meaning[] = [
  {
    code: 'AUTHENTICATION',
    isRetryable: false,
    fits: ({ status, words }) => status === 401 || status === 403 || badKey.test(words),
    // What the provider says is left out: it may say the key back.
    say: ({ id, failed }) =>
      failed.provider.key === null
        ? `Provider ${id} wants a key and has none. Add one: navisai models add ${id} --key`
        : `The key of provider ${id} was refused. Set another: navisai models add ${id} --key`,
  },
  {
    code: 'CONTEXT_TOO_LONG',
    isRetryable: false,
    fits: ({ status, words }) => status === 413 || (status < 500 && status !== 429 && tooLong.test(words)),
    say: ({ id, model, said }) => `The conversation is too long for ${id}/${model}: ${said}`,
  },
  {
    code: 'RATE_LIMIT',
    isRetryable: false,
    fits: ({ status, words }) => status === 402 || noMoney.test(words),
    say: ({ id, said }) => `The account at provider ${id} is used up: ${said}`,
  },
  {
    code: 'RATE_LIMIT',
    isRetryable: true,
    fits: ({ status }) => status === 429,
    say: ({ id, said }) => `Provider ${id} allows no more requests for now: ${said}`,
  },
  {
    code: 'OVERLOADED',
    isRetryable: true,
    fits: ({ status }) => status >= 500 || status === 408 || status === 409,
    say: ({ id, status, said }) => `Provider ${id} is overloaded or has a fault (${status}): ${said}`,
  },
  {
    code: 'NO_MODEL',
    isRetryable: false,
    fits: ({ status, words }) => status === 404 || noModel.test(words),
    say: ({ id, model, said, failed }) =>
      `Provider ${id} at ${shownUrl(failed.provider)} does not know the model ${model}: ${said}`,
  },
  {
    code: 'REFUSED',
    isRetryable: false,
    fits: ({ words }) => filtered.test(words),
    say: ({ said, failed }) => `${refused(failed).message} It says: ${said}`,
  },
  {
    code: 'REFUSED',
    isRetryable: false,
    fits: () => true,
    say: ({ id, status, said }) => `Provider ${id} refused the request (${status}): ${said}`,
  },
];

const byStatus = ({ status = 500, words, quote, retryAfterMs }: Facts, failed: FailedModel): ModelError => {
  const meaning = meanings.find(({ fits }) => fits({ status, words }));
  if (meaning === undefined) throw new Error('the last meaning fits everything');
  const { code, isRetryable, say } = meaning;
  const message = say({ id: failed.provider.id, model: failed.model, said: quoted(quote, failed), status, failed });
  return { code, message, isRetryable, ...(isRetryable ? { retryAfterMs } : {}) };
};

/** Cut, and without the key, also where a provider says it back. */
const quoted = (text: string, { provider }: FailedModel): string => {
  const key = provider.key?.reveal();
  const clean = (key === undefined || key === '' ? text : text.replaceAll(key, '[key]'))
    .replaceAll(/\b(sk|key|gsk|xai)-[\w*-]{6,}|\bAIza[\w-]{8,}/g, '[key]')
    .trim();
  return clean.length > maxQuoted ? `${clean.slice(0, maxQuoted)}…` : clean;
};

const causes = (failure: unknown): unknown[] => {
  const found: unknown[] = [];
  for (let cause = failure; cause !== undefined && found.length < 8; cause = causeOf(cause)) found.push(cause);
  return found;
};

const causeOf = (failure: unknown): unknown => (failure instanceof Error ? failure.cause : undefined);

const networkMeanings: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there. Is it running?',
  ENOTFOUND: 'there is no such host.',
  EAI_AGAIN: 'its name could not be looked up.',
  ECONNRESET: 'the connection was cut.',
  UND_ERR_SOCKET: 'the connection was cut.',
  EHOSTUNREACH: 'there is no way to that host.',
  ENETUNREACH: 'there is no way to that network.',
  ETIMEDOUT: 'it took too long.',
  UND_ERR_CONNECT_TIMEOUT: 'it took too long.',
  UND_ERR_HEADERS_TIMEOUT: 'it took too long.',
  UND_ERR_BODY_TIMEOUT: 'it took too long.',
};

const networkWords = (failure: unknown, failed: FailedModel): string => {
  const found = causes(failure);
  for (const cause of found) {
    const code: unknown = typeof cause === 'object' && cause !== null ? Reflect.get(cause, 'code') : undefined;
    const meaning = typeof code === 'string' ? networkMeanings[code] : undefined;
    if (meaning !== undefined) return meaning;
  }
  const last = found.findLast((cause) => cause instanceof Error);
  return quoted(last?.message ?? String(failure), failed);
};

const maxRetryAfterMs = 3_600_000;

/** Seconds, a date, or milliseconds, as providers tell it. */
const retryAfter = (headers: Record<string, string>, nowMs: number): number | undefined => {
  const exact = Number(headers['retry-after-ms'] ?? Number.NaN);
  const given = headers['retry-after'];
  const seconds = Number(given ?? Number.NaN);
  const until = given === undefined ? Number.NaN : Date.parse(given) - nowMs;
  const found = [exact, seconds * 1000, until].find((ms) => Number.isFinite(ms) && ms >= 0);
  return found === undefined ? undefined : Math.min(found, maxRetryAfterMs);
};
