/** The provider's own package for a model, loaded when a model of this kind is first asked. */
import type { LanguageModelV4 } from '@ai-sdk/provider';
import type { ProviderModelOptions } from './models.types.ts';
import { baseUrlOf, guardedFetch } from './provider-fetch.ts';

/** Sent where a key is expected and none is needed, so that none is taken from the environment. */
const noKey = 'none';

export const openLanguageModel = async ({
  provider,
  model,
  fetch: given,
}: ProviderModelOptions): Promise<LanguageModelV4> => {
  const key = provider.key?.reveal();
  const settings = { baseURL: baseUrlOf(provider), fetch: guardedFetch(given) };
  switch (provider.kind) {
    case 'openai-compatible': {
      const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
      return createOpenAICompatible({ ...settings, name: 'compatible', apiKey: key, includeUsage: true })(model);
    }
    case 'openai': {
      const { createOpenAI } = await import('@ai-sdk/openai');
      return createOpenAI({ ...settings, apiKey: key ?? noKey }).responses(model);
    }
    case 'anthropic': {
      const { createAnthropic } = await import('@ai-sdk/anthropic');
      return createAnthropic({ ...settings, apiKey: key ?? noKey })(model);
    }
    case 'google': {
      const { createGoogle } = await import('@ai-sdk/google');
      return createGoogle({ ...settings, apiKey: key ?? noKey })(model);
    }
  }
};
