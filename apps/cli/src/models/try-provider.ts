/** Tries a provider through the hub, and says how it went. */
import type { Api } from '@navisai/client';
import type { RouteResponse } from '@navisai/protocol';
import { printable } from '../output/printable.ts';

/** The hub gives up after 60 s of silence, and asks for the list of models before. */
const testDeadlineMs = 90_000;
const maxShown = 20;

export type ModelTest = RouteResponse<'testModelProvider'>;

export const tryProvider = (api: Api, id: string, model: string | undefined): Promise<ModelTest> =>
  api.testModelProvider({ params: { id }, body: { model } }, { timeoutMs: testDeadlineMs });

export const testLines = (id: string, test: ModelTest): string[] => [
  test.ok
    ? `${printable(`${id}/${test.model}`)} answers; its first word took ${test.latencyMs ?? 0} ms.`
    : printable(test.error?.message ?? 'It does not answer.'),
  ...narrowLines(test),
  ...offeredLines(test),
];

/** Below this, instructions and tools alone fill what a model reads at once. */
const narrowTokens = 16_384;

const narrowLines = ({ model, offered }: ModelTest): string[] => {
  const contextTokens = offered.find(({ id }) => id === model)?.contextTokens ?? null;
  if (contextTokens === null || contextTokens >= narrowTokens) return [];
  return [
    `It reads only ${contextTokens} tokens at once, too few for an agent. Ollama: OLLAMA_CONTEXT_LENGTH=32768 ollama serve`,
  ];
};

const offeredLines = ({ offered }: ModelTest): string[] => {
  if (offered.length === 0) return [];
  const names = offered.slice(0, maxShown).map((model) => printable(model.id));
  const more = offered.length > maxShown ? ` and ${offered.length - maxShown} more` : '';
  return [`It offers: ${names.join(', ')}${more}`];
};
