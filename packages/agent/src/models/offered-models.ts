/** What a provider says it offers: best effort, for people to choose from. */
import type { ProviderSettings } from './models.types.ts';
import { baseUrlOf, guardedFetch } from './provider-fetch.ts';

export interface OfferedModel {
  /** As the provider names it. */
  id: string;
  /** Null: it does not tell. */
  contextTokens: number | null;
}

const deadlineMs = 5_000;
const maxOffered = 500;
const maxIdLength = 160;
const maxBytes = 8 * 1024 * 1024;

/** Never rejects: a provider that does not tell offers nothing. */
export const listOfferedModels = async (
  provider: ProviderSettings,
  options: { fetch?: typeof fetch; signal?: AbortSignal } = {},
): Promise<OfferedModel[]> => {
  const signal = AbortSignal.any([AbortSignal.timeout(deadlineMs), ...(options.signal ? [options.signal] : [])]);
  const get = guardedFetch(options.fetch);
  for (const url of listsOf(provider)) {
    try {
      const response = await get(url, { headers: headersOf(provider), signal });
      const found = response.ok ? readOffered(JSON.parse(await readBounded(response))) : [];
      if (!response.ok) await response.body?.cancel();
      if (found.length > 0)
        return withLoaded(found.slice(0, maxOffered), await loadedModels(provider, { get, signal }));
    } catch {
      // The next list may answer; without any, people name their model themselves.
    }
  }
  return [];
};

/** Ollama reads as much as it was started with, whatever the model could; it tells of those that are loaded. */
const loadedModels = async (
  provider: ProviderSettings,
  { get, signal }: { get: typeof fetch; signal: AbortSignal },
): Promise<Map<string, number>> => {
  const base = URL.parse(baseUrlOf(provider));
  if (provider.kind !== 'openai-compatible' || base === null) return new Map();
  try {
    const response = await get(`${base.origin}/api/ps`, { headers: headersOf(provider), signal });
    const answer: unknown = response.ok ? JSON.parse(await readBounded(response)) : undefined;
    if (!response.ok) await response.body?.cancel();
    const told = readOffered(answer).filter((model) => model.contextTokens !== null);
    return new Map(told.map(({ id, contextTokens }) => [id, contextTokens ?? 0]));
  } catch {
    return new Map();
  }
};

const withLoaded = (offered: OfferedModel[], loaded: Map<string, number>): OfferedModel[] =>
  offered.map(({ id, contextTokens }) => ({ id, contextTokens: loaded.get(id) ?? contextTokens }));

const listsOf = (provider: ProviderSettings): string[] => {
  const base = baseUrlOf(provider);
  switch (provider.kind) {
    case 'google':
      return [`${base}/models?pageSize=${maxOffered}`];
    case 'anthropic':
      return [`${base}/models?limit=${maxOffered}`];
    case 'openai':
      return [`${base}/models`];
    case 'openai-compatible':
      return [`${base}/models`, `${URL.parse(base)?.origin ?? base}/api/tags`];
  }
};

const headersOf = ({ kind, key }: ProviderSettings): Record<string, string> => {
  const version: Record<string, string> = kind === 'anthropic' ? { 'anthropic-version': '2023-06-01' } : {};
  if (key === null) return version;
  if (kind === 'anthropic') return { ...version, 'x-api-key': key.reveal() };
  return kind === 'google' ? { 'x-goog-api-key': key.reveal() } : { authorization: `Bearer ${key.reveal()}` };
};

/** Rejects when there is more than a list of models could be. */
const readBounded = async (response: Response): Promise<string> => {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > maxBytes) throw new Error('too long for a list');
  }
  return text;
};

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;

const readOffered = (answer: unknown): OfferedModel[] => {
  if (!isObject(answer)) return [];
  const listed = [answer['data'], answer['models']].find(Array.isArray) ?? [];
  return listed.filter(isObject).flatMap((model: Json) => {
    const name = model['id'] ?? model['name'];
    if (typeof name !== 'string' || !canAnswer(model)) return [];
    const id = name.replace(/^models\//, '');
    return id === '' || id.length > maxIdLength || /\s/.test(id) ? [] : [{ id, contextTokens: contextOf(model) }];
  });
};

const canAnswer = (model: Json): boolean => {
  const methods = model['supportedGenerationMethods'];
  return !Array.isArray(methods) || methods.includes('generateContent');
};

/** As Anthropic, Google, vLLM, OpenRouter, LM Studio and llama.cpp name it. */
const contextNames = ['max_input_tokens', 'inputTokenLimit', 'max_model_len', 'context_length', 'max_context_length'];

const contextOf = (model: Json): number | null => {
  const meta = isObject(model['meta']) ? model['meta']['n_ctx_train'] : undefined;
  const found = [...contextNames.map((name) => model[name]), meta].find(
    (value): value is number => Number.isInteger(value) && Number(value) >= 1024 && Number(value) <= 100_000_000,
  );
  return found ?? null;
};
