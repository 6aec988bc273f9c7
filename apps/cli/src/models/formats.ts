/** How providers and models are written. */
export const providerFormat = {
  pattern: /^[a-z0-9][a-z0-9-]{0,31}$/,
  meaning: 'up to 32 of a-z 0-9 - such as ollama',
  remedy: 'See: navisai models',
} as const;

export const modelFormat = { pattern: /^\S{1,160}$/, meaning: 'a model as its provider names it' } as const;

export const referenceFormat = {
  pattern: /^[a-z0-9][a-z0-9-]{0,31}\/\S{1,160}$/,
  meaning: 'provider/model such as ollama/qwen3:8b',
} as const;

export const providerPositional = {
  name: 'provider',
  summary: 'Name of the provider.',
  maxLength: 64,
  format: providerFormat,
} as const;
