/** The loop of an agent: asks the model, makes its calls, and goes on until there is nothing left to do (A3). */
import type { AgentEvent, RunAgent } from '../agent.types.ts';
import { compactWhenNeeded } from '../compaction/compact-run.ts';
import { unansweredCalls } from '../history/order-answers.ts';
import { makeCalls } from './make-calls.ts';
import { openRun, type RunEnd, type RunState } from './run-state.ts';
import { takeTurn } from './take-turn.ts';

/** Runs until the model has nothing left to do, a limit is reached, or `signal` ends it. Never throws. */
export const runAgent: RunAgent = async function* (request) {
  const run = openRun(request);
  const end = yield* untilTheEnd(run);
  yield { type: 'end', ...end, usage: run.usage() };
};

async function* untilTheEnd(run: RunState): AsyncGenerator<AgentEvent, RunEnd, void> {
  try {
    return yield* rounds(run);
  } catch (error) {
    return { reason: 'failed', error: { code: 'INTERNAL', message: `The run broke off: ${String(error)}` } };
  }
}

async function* rounds(run: RunState): AsyncGenerator<AgentEvent, RunEnd, void> {
  const { signal } = run.request;
  yield* makeCalls(run, unansweredCalls(run.messages));
  for (;;) {
    if (signal.aborted) return stopped;
    const limit = reachedLimit(run);
    if (limit !== undefined) {
      yield { type: 'notice', kind: 'budget', text: limit.message };
      return { reason: 'budget', error: limit };
    }
    yield* takeSteering(run);
    yield* compactWhenNeeded(run);
    if (signal.aborted) return stopped;
    const turn = yield* takeTurn(run);
    if (turn.end !== null) return turn.end;
    if (turn.isBroken === true) continue;
    yield* makeCalls(run, turn.calls);
    if (turn.calls.length === 0 && (signal.aborted || !(yield* takeSteering(run)))) return completed;
  }
}

const stopped: RunEnd = { reason: 'stopped', error: null };
const completed: RunEnd = { reason: 'completed', error: null };

const reachedLimit = (run: RunState): { code: string; message: string } | undefined => {
  const { maxTurns, maxTokens } = run.request.limits;
  const { turns, inputTokens, outputTokens } = run.usage();
  if (turns >= maxTurns)
    return {
      code: 'MAX_TURNS',
      message: `This run has asked the model ${turns} times, which is its limit (max_iterations). Nothing is lost.`,
    };
  if (maxTokens !== undefined && inputTokens + outputTokens >= maxTokens)
    return {
      code: 'TOKEN_BUDGET',
      message: `This run has used ${inputTokens + outputTokens} of its ${maxTokens} tokens (token_budget). Nothing is lost.`,
    };
  return undefined;
};

/** Whether there was anything. */
async function* takeSteering(run: RunState): AsyncGenerator<AgentEvent, boolean, void> {
  const said = await run.request.takeSteering();
  for (const message of said) yield* run.keep(message);
  return said.length > 0;
}
