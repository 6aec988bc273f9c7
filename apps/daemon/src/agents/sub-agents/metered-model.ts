/** A model that counts what it is asked for, and refuses when nothing is left: also when whoever asks is not honest. */
import { type AgentModel, type ModelEvent, type ModelRequest, type ModelUsage, UsageTally } from '@navisai/agent';
import type { Usage } from '@navisai/protocol';
import type { TokenPool } from './token-pool.ts';

export interface MeteredModel extends AgentModel {
  /** Answers that were not taken to their end included; `durationMs` is the caller's to tell. */
  readonly used: Omit<Usage, 'durationMs'>;
}

export interface Meter {
  pool: TokenPool;
  /** Requests of one run. */
  maxRequests: number;
}

export const meteredModel = (model: AgentModel, { pool, maxRequests }: Meter): MeteredModel => {
  const used = { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, modelMs: 0, turns: 0 };

  const count = ({ inputTokens, outputTokens, cachedInputTokens }: ModelUsage): void => {
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
    const tally = new UsageTally(request);
    let isCounted = false;
    try {
      for await (const event of model.stream(request)) {
        tally.take(event);
        // Before it is told: who was told may ask again at once.
        if (event.type === 'end' || event.type === 'error') {
          isCounted = true;
          count(tally.usage);
        }
        yield event;
      }
    } finally {
      if (!isCounted) count(tally.usage);
      used.modelMs += performance.now() - startedAt;
    }
  }

  return { reference: model.reference, contextTokens: model.contextTokens, used, stream };
};

const refused = (message: string): ModelEvent => ({
  type: 'error',
  error: { code: 'REFUSED', message, isRetryable: false },
});
