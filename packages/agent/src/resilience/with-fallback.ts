/** Several models as one, in the order of preference: the next one answers where one cannot (A4). */
import type { AgentModel, ModelError, ModelEvent, ModelRequest } from '../agent.types.ts';
import { inOneLine } from './is-content.ts';
import { noModel } from './no-model.ts';
import { untilFailure } from './with-retry.ts';

export interface FallbackOptions {
  now?: () => number;
  /** So long a model that failed is passed over, so that not every turn waits for it. */
  restMs?: number;
}

const defaultRestMs = 60_000;
/** Another model would not help: the run was stopped, or its context has to become shorter first. */
const finalCodes: ReadonlySet<ModelError['code']> = new Set(['CANCELLED', 'CONTEXT_TOO_LONG']);
/** In the middle of an answer: what was asked for is the reason, not the model. */
const finalCodesOfBroken: ReadonlySet<ModelError['code']> = new Set([...finalCodes, 'REFUSED']);

/** With no model at all, its only answer is NO_MODEL. */
export const withFallback = (models: readonly AgentModel[], options: FallbackOptions = {}): AgentModel => {
  const [first] = models;
  if (first === undefined) return noModel;
  const { now = Date.now, restMs = defaultRestMs } = options;
  const restsUntil = new Map<AgentModel, number>();

  const isRested = (model: AgentModel): boolean => (restsUntil.get(model) ?? 0) <= now();

  const inOrder = (): AgentModel[] => {
    const rested = models.filter(isRested);
    return [...rested, ...models.filter((model) => !rested.includes(model))];
  };

  async function* stream(request: ModelRequest): AsyncGenerator<ModelEvent, void, void> {
    const failures: { reference: string; error: ModelError }[] = [];
    const order = inOrder();
    for (const [index, model] of order.entries()) {
      yield { type: 'model', reference: model.reference, contextTokens: model.contextTokens };
      const failure = yield* untilFailure(model, request);
      if (failure === undefined) return void restsUntil.delete(model);
      const { error, isBrokenOff } = failure;
      const isFinal = (isBrokenOff ? finalCodesOfBroken : finalCodes).has(error.code);
      if (isFinal || request.signal.aborted) return yield { type: 'error', error };
      restsUntil.set(model, now() + restMs);
      if (isBrokenOff) return yield* breakOff({ model, error, next: models.find(isRested) });
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

interface Break {
  model: AgentModel;
  error: ModelError;
  /** That did not fail just now. */
  next: AgentModel | undefined;
}

/** What was told stays told: whoever asked goes on from there, and asks the next model that way. */
function* breakOff({ model, error, next }: Break): Generator<ModelEvent, void, void> {
  if (next === undefined) return yield { type: 'error', error };
  yield { type: 'notice', kind: 'fallback', text: `${next.reference} is asked next, not ${model.reference}.` };
  yield { type: 'error', error: { ...error, isRetryable: true } };
}

/** The error of the preferred model, with what happened to the others. */
const together = (failures: readonly { reference: string; error: ModelError }[]): ModelError => {
  const [first] = failures;
  if (first === undefined || failures.length === 1) return first?.error ?? unknown;
  const lines = failures.map(({ reference, error }) => `- ${reference}: ${error.message}`);
  return { ...first.error, message: ['None of the models answers.', ...lines].join('\n') };
};

const unknown: ModelError = { code: 'UNREACHABLE', message: 'No model answers.', isRetryable: true };
