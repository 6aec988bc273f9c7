/** Providers that need no more than their name. */
import type { ModelProviderKind } from '@navisai/protocol';

export interface KnownProvider {
  kind: ModelProviderKind;
  /** Absent: the provider's own. */
  baseUrl?: string;
  /** It answers nobody without one. */
  needsKey: boolean;
}

const local = (port: number): KnownProvider => ({
  kind: 'openai-compatible',
  baseUrl: `http://127.0.0.1:${port}/v1`,
  needsKey: false,
});

const remote = (baseUrl: string): KnownProvider => ({ kind: 'openai-compatible', baseUrl, needsKey: true });

export const knownProviders: Readonly<Record<string, KnownProvider>> = {
  ollama: local(11434),
  lmstudio: local(1234),
  vllm: local(8000),
  llamacpp: local(8080),
  openai: { kind: 'openai', needsKey: true },
  anthropic: { kind: 'anthropic', needsKey: true },
  google: { kind: 'google', needsKey: true },
  openrouter: remote('https://openrouter.ai/api/v1'),
  mistral: remote('https://api.mistral.ai/v1'),
  groq: remote('https://api.groq.com/openai/v1'),
  deepseek: remote('https://api.deepseek.com/v1'),
};
