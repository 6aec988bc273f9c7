/** What one run knows while it goes on: the context, what it used, how its parts are counted. */
import type { RunEndReason, Usage } from '@navisai/protocol';
import type { AgentEvent, AgentMessage, AgentRunRequest, ModelUsage } from '../agent.types.ts';
import { createTokenMeter, type TokenMeter } from '../compaction/token-meter.ts';
import { RequestView } from '../history/request-messages.ts';

/** How a run ended. */
export interface RunEnd {
  reason: RunEndReason;
  error: { code: string; message: string } | null;
}

export interface RunState {
  readonly request: AgentRunRequest;
  /** The whole context, in the order in which it is kept. */
  messages: AgentMessage[];
  /** How much the model that answers reads at once. */
  contextTokens: number;
  /** The model that was told last. */
  model: string | null;
  /** Answers that broke off since the last whole one. */
  brokenInARow: number;
  readonly meter: TokenMeter;
  /** The context as the model is asked with it. */
  readonly view: RequestView;
  /** The next number of a part. */
  nextPart(): number;
  usage(): Usage;
  /** Counts one call of a model; `isTurn` false for those that no turn needs. */
  count(call: { usage: ModelUsage | undefined; ms: number; isTurn: boolean }): void;
  /** Tells a new message of the context; it belongs to it before anything else is done. */
  keep(message: AgentMessage): Generator<AgentEvent, void, void>;
}

export const openRun = (request: AgentRunRequest): RunState => {
  const startedAt = request.now();
  const used = { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, modelMs: 0, turns: 0 };
  let parts = 0;
  const run: RunState = {
    request,
    messages: [...request.messages],
    contextTokens: request.model.contextTokens,
    model: null,
    brokenInARow: 0,
    meter: createTokenMeter(),
    view: new RequestView(),
    nextPart: () => parts++,
    usage: () => ({ ...used, durationMs: Math.max(0, request.now() - startedAt) }),
    count({ usage, ms, isTurn }) {
      used.inputTokens += usage?.inputTokens ?? 0;
      used.outputTokens += usage?.outputTokens ?? 0;
      used.cachedInputTokens += usage?.cachedInputTokens ?? 0;
      used.modelMs += Math.max(0, ms);
      if (isTurn) used.turns += 1;
    },
    *keep(message) {
      run.messages.push(message);
      yield { type: 'message', message };
    },
  };
  return run;
};
