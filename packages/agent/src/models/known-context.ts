/** How much well-known models read at once, for providers that do not tell. */

/** Cautious: what is too much is answered with an error, what is too little only compacts earlier. */
export const defaultContextTokens = 32_768;

/** The first that fits counts. */
const known: readonly [RegExp, number][] = [
  [/claude-/, 200_000],
  [/gemini-/, 1_048_576],
  [/gpt-4\.1/, 1_047_576],
  [/gpt-5/, 272_000],
  [/gpt-4o|gpt-4-turbo/, 128_000],
  [/^o[134](-|$)/, 200_000],
];

export const knownContextTokens = (model: string): number =>
  known.find(([pattern]) => pattern.test(model))?.[1] ?? defaultContextTokens;
