/** A model that counts what it is asked for, and refuses when nothing is left: also when whoever asks is not honest. */
import type { AgentModel, ModelEvent, ModelRequest } from '@navisai/agent';
import type { Usage } from '@navisai/protocol';
import type { TokenPool } from './token-pool.ts';

export interface MeteredModel extends AgentModel {
  /** What was really used; `durationMs` is the caller's to tell. */
  readonly used: Omit<Usage, 'durationMs'>;
}

export interface Meter {
  pool: TokenPool;
  /** Requests of one run. */
  maxRequests: number;
}

export const meteredModel = (model: AgentModel, { pool, maxRequests }: Meter): MeteredModel => {
  const used = { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, modelMs: 0, turns: 0 };

  const count = (event: ModelEvent): void => {
    if (event.type !== 'end') return;
    const { inputTokens, outputTokens, cachedInputTokens } = event.usage;
    used.inputTokens += inputTokens;
    used.outputTokens += outputTokens;
    used.cachedInputTokens += cachedInputTokens;
    pool.use(inputTokens + outputTokens);
  };

  async function* stream(request: ModelRequest): AsyncGenerator<ModelEvent> {
    if (pool.left <= 0) return yield refused('The tokens of this run and its parent are used up (token_budget).');
    if (used.turns >= maxRequests) return yield refused('The run has asked its model too often (max_iterations).');
    used.turns += 1;
    const startedAt = performance.now();
    try {
      for await (const event of model.stream(request)) {
        count(event);
        yield event;
      }
    } finally {
      used.modelMs += performance.now() - startedAt;
    }
  }

  return { reference: model.reference, contextTokens: model.contextTokens, used, stream };
};

const refused = (message: string): ModelEvent => ({
  type: 'error',
  error: { code: 'REFUSED', message, isRetryable: false },
});
