/** Several models as one, in the order of preference: the next one answers where one cannot (A4). */
import type { AgentModel, ModelError, ModelEvent, ModelRequest } from '../agent.types.ts';
import { inOneLine } from './is-content.ts';
import { noModel } from './no-model.ts';
import { untilError } from './with-retry.ts';

export interface FallbackOptions {
  now?: () => number;
  /** So long a model that failed is passed over, so that not every turn waits for it. */
  restMs?: number;
}

const defaultRestMs = 60_000;
/** Another model would not help: the run was stopped, or its context has to become shorter first. */
const finalCodes: ReadonlySet<ModelError['code']> = new Set(['CANCELLED', 'CONTEXT_TOO_LONG']);

/** With no model at all, its only answer is NO_MODEL. */
export const withFallback = (models: readonly AgentModel[], options: FallbackOptions = {}): AgentModel => {
  const [first] = models;
  if (first === undefined) return noModel;
  const { now = Date.now, restMs = defaultRestMs } = options;
  const restsUntil = new Map<AgentModel, number>();

  const inOrder = (): AgentModel[] => {
    const rested = models.filter((model) => (restsUntil.get(model) ?? 0) <= now());
    return [...rested, ...models.filter((model) => !rested.includes(model))];
  };

  async function* stream(request: ModelRequest): AsyncGenerator<ModelEvent, void, void> {
    const failures: { reference: string; error: ModelError }[] = [];
    const order = inOrder();
    for (const [index, model] of order.entries()) {
      yield { type: 'model', reference: model.reference, contextTokens: model.contextTokens };
      const error = yield* untilError(model, request);
      if (error === undefined) return void restsUntil.delete(model);
      if (finalCodes.has(error.code) || request.signal.aborted) return yield { type: 'error', error };
      restsUntil.set(model, now() + restMs);
      failures.push({ reference: model.reference, error });
      const next = order[index + 1];
      if (next === undefined) break;
      const text = `${model.reference} does not answer: ${inOneLine(error)} Now ${next.reference} is asked.`;
      yield { type: 'notice', kind: 'fallback', text };
    }
    yield { type: 'error', error: together(failures) };
  }
  return { reference: first.reference, contextTokens: first.contextTokens, stream };
};

/** The error of the preferred model, with what happened to the others. */
const together = (failures: readonly { reference: string; error: ModelError }[]): ModelError => {
  const [first] = failures;
  if (first === undefined || failures.length === 1) return first?.error ?? unknown;
  const lines = failures.map(({ reference, error }) => `- ${reference}: ${error.message}`);
  return { ...first.error, message: ['None of the models answers.', ...lines].join('\n') };
};

const unknown: ModelError = { code: 'UNREACHABLE', message: 'No model answers.', isRetryable: true };
