/** What people know of model providers: names, usual addresses, where a key comes from. */
import type { ModelProviderKind } from '@navisai/protocol';

export interface ProviderChoice {
  value: string;
  kind: ModelProviderKind;
  label: string;
  /** Suggested id. */
  id: string;
  baseUrl: string;
  needsKey: boolean;
  hint: string;
}

export const providerChoices: readonly ProviderChoice[] = [
  {
    value: 'ollama',
    kind: 'openai-compatible',
    label: 'Ollama',
    id: 'ollama',
    baseUrl: 'http://127.0.0.1:11434/v1',
    needsKey: false,
    hint: "As the hub's machine reaches it. No key is needed.",
  },
  {
    value: 'anthropic',
    kind: 'anthropic',
    label: 'Anthropic',
    id: 'anthropic',
    baseUrl: '',
    needsKey: true,
    hint: 'A key from console.anthropic.com.',
  },
  {
    value: 'openai',
    kind: 'openai',
    label: 'OpenAI',
    id: 'openai',
    baseUrl: '',
    needsKey: true,
    hint: 'A key from platform.openai.com.',
  },
  {
    value: 'google',
    kind: 'google',
    label: 'Google',
    id: 'google',
    baseUrl: '',
    needsKey: true,
    hint: 'A key from aistudio.google.com.',
  },
  {
    value: 'other',
    kind: 'openai-compatible',
    label: 'OpenAI-compatible',
    id: '',
    baseUrl: '',
    needsKey: false,
    hint: 'vLLM, LM Studio, a gateway: the address that ends in /v1, and a key if it wants one.',
  },
];

export const kindLabel = (kind: ModelProviderKind): string =>
  ({ 'openai-compatible': 'OpenAI-compatible', openai: 'OpenAI', anthropic: 'Anthropic', google: 'Google' })[kind];

/** `128 k` of context. */
export const contextInWords = (tokens: number | null): string => {
  if (tokens === null) return '';
  return tokens < 1_000_000 ? `${Math.round(tokens / 1000)} k` : `${Math.round(tokens / 100_000) / 10} M`;
};

/** Names of models, one in a line or between commas. */
export const parseModels = (text: string): { id: string }[] =>
  [...new Set(text.split(/[\s,]+/).filter((id) => id !== ''))].map((id) => ({ id }));
