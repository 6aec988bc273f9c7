/** Reads a model's events so that neither a stop nor a model that falls silent keeps the run waiting. */
import type { ModelEvent } from '../agent.types.ts';

export interface ReadOptions {
  signal: AbortSignal;
  /** Longest wait for one event. */
  silenceMs: number;
}

type Step = IteratorResult<ModelEvent> | 'aborted' | 'silent';

/**
 * Every event of one answer, and always one `end` or `error` as the last: also where the model was stopped, fell silent,
 * ended without one or threw. Never throws.
 */
export async function* readEvents(
  source: () => AsyncIterable<ModelEvent>,
  options: ReadOptions,
): AsyncGenerator<ModelEvent, void, void> {
  let iterator: AsyncIterator<ModelEvent> | undefined;
  try {
    iterator = source()[Symbol.asyncIterator]();
    for (;;) {
      const step = await nextStep(iterator, options);
      if (step === 'aborted') return yield cancelled;
      if (step === 'silent') return yield silent(options.silenceMs);
      if (step.done === true) return yield unfinished;
      yield step.value;
      if (step.value.type === 'end' || step.value.type === 'error') return;
    }
  } catch (error) {
    yield unreachable(`The model could not be read: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    // Not awaited: a model that hangs would hang here as well.
    void Promise.resolve(iterator?.return?.()).catch(() => undefined);
  }
}

const nextStep = async (iterator: AsyncIterator<ModelEvent>, { signal, silenceMs }: ReadOptions): Promise<Step> => {
  if (signal.aborted) return 'aborted';
  const { promise: interruption, resolve } = Promise.withResolvers<Step>();
  const onAbort = (): void => resolve('aborted');
  const timer = setTimeout(() => resolve('silent'), silenceMs);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([iterator.next(), interruption]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    clearTimeout(timer);
  }
};

const unreachable = (message: string): ModelEvent => ({
  type: 'error',
  error: { code: 'UNREACHABLE', message, isRetryable: true },
});
const unfinished = unreachable('The model broke off in the middle of its answer.');
const silent = (ms: number): ModelEvent =>
  unreachable(`The model said nothing for ${Math.round(ms / 1000)} seconds and was given up.`);
const cancelled: ModelEvent = {
  type: 'error',
  error: { code: 'CANCELLED', message: 'The answer was stopped.', isRetryable: false },
};
