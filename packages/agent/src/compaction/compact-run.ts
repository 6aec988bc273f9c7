/** Keeps the context of a run below what its model reads at once (A3). */
import type { AgentEvent, AgentMessage } from '../agent.types.ts';
import type { RunState } from '../loop/run-state.ts';
import { attachmentsOf } from './cut-turns.ts';
import { planCompaction } from './plan-compaction.ts';
import { longestSummary, summarise } from './summarise.ts';

/** Shares of what the model reads at once: where compaction begins, what it leaves, and what it leaves when the model refused. */
const [beginShare, leaveShare, leaveShareHard] = [0.8, 0.6, 0.35];
/**
 * Messages may always have this share: where prompt and tools fill the rest of a small context, an agent that forgets at
 * every turn helps nobody, and the model itself says when it is too much.
 */
const leastShare = 0.3;
/** Of what is left, the part that a summary may take, and its limit in tokens. */
const summaryShare = 0.15;
const maxSummaryTokens = 2000;
/** Less than this saved is not worth a changed context, which providers cannot take from their cache. */
const worthwhileShare = 0.97;

export async function* compactWhenNeeded(run: RunState): AsyncGenerator<AgentEvent, void, void> {
  const { contextTokens } = run;
  const fixed = run.meter.fixedTokens(run.request);
  const room = Math.max(contextTokens * beginShare - fixed, contextTokens * leastShare);
  if (run.meter.tokens(run.messages) <= room) return;
  yield* compact(run, Math.max(contextTokens * leaveShare - fixed, contextTokens * leastShare * leaveShare));
}

/** After the model said that the context is too long, whatever was estimated. Whether anything could be taken out. */
export async function* compactHarder(run: RunState): AsyncGenerator<AgentEvent, boolean, void> {
  const fixed = run.meter.fixedTokens(run.request);
  const messages = run.meter.tokens(run.messages);
  const share = Math.min(run.contextTokens, fixed + messages) * leaveShareHard;
  return yield* compact(run, Math.max(share - fixed, messages * leaveShareHard));
}

async function* compact(run: RunState, targetTokens: number): AsyncGenerator<AgentEvent, boolean, void> {
  const { meter, request } = run;
  const beforeTokens = meter.tokens(run.messages);
  const maxLength = meter.charactersFor(Math.min(maxSummaryTokens, targetTokens * summaryShare));
  const plan = planCompaction({
    messages: run.messages,
    fits: (messages) => meter.tokens(messages) <= targetTokens,
    longestSummary: longestSummary(maxLength),
  });
  if (meter.tokens(plan.withSummary('')) > beforeTokens * worthwhileShare) return false;
  const messages = plan.withSummary(plan.removed.length === 0 ? '' : await summaryOf(run, { plan, maxLength }));
  if (request.signal.aborted) return false;
  const words = wordsOf({ before: run.messages, after: messages, hasSummary: plan.removed.length > 0 });
  // Its own: what was told must not grow with it.
  run.messages = [...messages];
  const afterTokens = meter.tokens(messages);
  yield { type: 'compacted', messages, beforeTokens, afterTokens };
  yield {
    type: 'notice',
    kind: 'compaction',
    text: `The context came near what the model reads at once: ${words.what} (about ${beforeTokens} → ${afterTokens} tokens). ${words.ofPeople}`,
  };
  return true;
}

interface Change {
  before: readonly AgentMessage[];
  after: readonly AgentMessage[];
  hasSummary: boolean;
}

/** What was done, and what of it is the person's. */
const wordsOf = ({ before, after, hasSummary }: Change): { what: string; ofPeople: string } => {
  const hasLost = after.flatMap(attachmentsOf).length < before.flatMap(attachmentsOf).length;
  const lost = 'older attachments were left out';
  if (!hasLost) {
    const what = hasSummary ? 'older work was summed up' : 'old results were shortened';
    return { what, ofPeople: 'Nothing that you said was changed.' };
  }
  const ofPeople = 'Attach a file again if it is still needed; nothing else that you said was changed.';
  return { what: hasSummary ? `older work was summed up, and ${lost}` : lost, ofPeople };
};

const summaryOf = async (
  run: RunState,
  { plan, maxLength }: { plan: ReturnType<typeof planCompaction>; maxLength: number },
): Promise<string> => {
  const startedAt = run.request.now();
  const { text, usage } = await summarise({
    model: run.request.model,
    removed: plan.removed,
    maxInput: run.meter.charactersFor(run.contextTokens * 0.5),
    maxLength,
    signal: run.request.signal,
  });
  run.count({ usage, ms: run.request.now() - startedAt, isTurn: false });
  return text;
};
