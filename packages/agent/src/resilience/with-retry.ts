/** A model that is asked again where it failed for a moment (A4). */
import type { AgentModel, ModelError, ModelEvent, ModelRequest } from '../agent.types.ts';
import { inOneLine, isContent } from './is-content.ts';
import { wait as waitFor, type Wait } from './wait.ts';

export interface RetryOptions {
  /** The first included. */
  attempts?: number;
  /** Before the second attempt; doubled for each after it. */
  firstDelayMs?: number;
  /** Longest pause; a provider that asks for a longer one has failed for good. */
  maxDelayMs?: number;
  /** From 0 to 1. */
  random?: () => number;
  wait?: Wait;
}

const defaults = { attempts: 4, firstDelayMs: 500, maxDelayMs: 30_000 };

/** Asks again only while nothing of an answer was passed on; `signal` ends the pauses at once. */
export const withRetry = (model: AgentModel, options: RetryOptions = {}): AgentModel => {
  const { attempts, firstDelayMs, maxDelayMs } = { ...defaults, ...options };
  const { random = Math.random, wait = waitFor } = options;

  const delayAfter = (attempt: number, { retryAfterMs }: ModelError): number => {
    const doubled = Math.min(maxDelayMs, firstDelayMs * 2 ** (attempt - 1));
    return Math.max(retryAfterMs ?? 0, doubled * (0.5 + random() / 2));
  };

  async function* stream(request: ModelRequest): AsyncGenerator<ModelEvent, void, void> {
    for (let attempt = 1; ; attempt += 1) {
      const failure = yield* untilFailure(model, request);
      if (failure === undefined) return;
      const { error, isBrokenOff } = failure;
      const delayMs = Math.round(delayAfter(attempt, error));
      const isInTime = attempt < attempts && delayMs <= maxDelayMs && !request.signal.aborted;
      if (!error.isRetryable || isBrokenOff || !isInTime)
        return yield { type: 'error', error: withWait(error, maxDelayMs) };
      const text = `${inOneLine(error)} ${model.reference} is asked again in ${seconds(delayMs)} (attempt ${attempt + 1} of ${attempts}).`;
      yield { type: 'notice', kind: 'retry', text };
      if (!(await wait(delayMs, request.signal))) return yield cancelled;
    }
  }
  return { reference: model.reference, contextTokens: model.contextTokens, stream };
};

export interface Failure {
  error: ModelError;
  /** Some of the answer was passed on before. */
  isBrokenOff: boolean;
}

/** Passes everything on but an error, which is returned. */
export async function* untilFailure(
  model: AgentModel,
  request: ModelRequest,
): AsyncGenerator<ModelEvent, Failure | undefined, void> {
  let isBrokenOff = false;
  for await (const event of model.stream(request)) {
    if (event.type === 'error') return { error: event.error, isBrokenOff };
    isBrokenOff ||= isContent(event);
    yield event;
    if (event.type === 'end') return undefined;
  }
  const error: ModelError = {
    code: 'UNREACHABLE',
    message: `${model.reference} broke off in the middle of its answer.`,
    isRetryable: true,
  };
  return { error, isBrokenOff };
}

/** A provider that wants to be left alone for long says for how long. */
const withWait = (error: ModelError, maxDelayMs: number): ModelError => {
  const { message, retryAfterMs = 0 } = error;
  if (retryAfterMs <= maxDelayMs) return error;
  const wait =
    retryAfterMs < 120_000 ? `${Math.ceil(retryAfterMs / 1000)} s` : `${Math.ceil(retryAfterMs / 60_000)} minutes`;
  return { ...error, message: `${message}${/[.!?…]$/.test(message) ? '' : '.'} It says to come back in ${wait}.` };
};

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const cancelled: ModelEvent = {
  type: 'error',
  error: { code: 'CANCELLED', message: 'The answer was stopped.', isRetryable: false },
};
