/** Reads a model's events so that neither a stop nor a model that falls silent keeps the run waiting. */
import type { ModelEvent } from '../agent.types.ts';
import { Patience } from '../resilience/patience.ts';

export interface ReadOptions {
  signal: AbortSignal;
  /** Longest wait for one event. */
  silenceMs: number;
}

/**
 * Every event of one answer, and always one `end` or `error` as the last: also where the model was stopped, fell silent,
 * ended without one or threw. Never throws.
 */
export async function* readEvents(
  source: () => AsyncIterable<ModelEvent>,
  options: ReadOptions,
): AsyncGenerator<ModelEvent, void, void> {
  const { signal, silenceMs } = options;
  using patience = new Patience(signal);
  let iterator: AsyncIterator<ModelEvent> | undefined;
  try {
    iterator = source()[Symbol.asyncIterator]();
    for (;;) {
      if (signal.aborted) return yield cancelled;
      const step = await patience.within(silenceMs, iterator.next());
      if (step.done === true) return yield unfinished;
      yield step.value;
      if (step.value.type === 'end' || step.value.type === 'error') return;
    }
  } catch (error) {
    if (signal.aborted) yield cancelled;
    else if (patience.silence !== undefined) yield silent(silenceMs);
    else yield unreachable(`The model could not be read: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    // Not awaited: a model that hangs would hang here as well.
    void Promise.resolve(iterator?.return?.()).catch(() => undefined);
  }
}

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
