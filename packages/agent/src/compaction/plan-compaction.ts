/** Chooses what goes out of a context, gentlest first: old results are shortened, then old work becomes a summary. */
import type { AgentMessage } from '../agent.types.ts';
import { orderAnswers } from '../history/order-answers.ts';
import { type CompactionPlan, cutTurns, shortenResults, turnsOf, withoutAttachments } from './cut-turns.ts';

export interface PlanOptions {
  messages: readonly AgentMessage[];
  /** Whether a context is small enough. */
  fits(messages: readonly AgentMessage[]): boolean;
  /** Stands for the summary while the plan is made: at least as long as it will be. */
  longestSummary: string;
}

/** Newest turns that stay whole as long as possible. */
const keptTurns = 3;
/** Characters that are left of an old result. */
const shortResult = 1000;
const newestResultSteps = [32_000, 16_000, 8000, 4000, 2000, 1000, 500] as const;

/** The first plan that fits, else the one that leaves the least; people's words are in all of them. */
export const planCompaction = (options: PlanOptions): CompactionPlan => {
  const messages = orderAnswers(options.messages);
  const shortened = shortenOldest(messages, options.fits);
  if (options.fits(shortened)) return { withSummary: () => shortened, removed: [] };
  let plan: CompactionPlan | undefined;
  for (const candidate of candidates(shortened)) {
    plan = candidate;
    if (options.fits(plan.withSummary(options.longestSummary))) break;
  }
  return plan ?? { withSummary: () => shortened, removed: [] };
};

function* candidates(messages: readonly AgentMessage[]): Generator<CompactionPlan, void, void> {
  yield cutTurns(messages, keptTurns);
  yield cutTurns(messages, 1);
  for (const max of newestResultSteps) yield cutTurns(shortenResults(messages, { max, to: messages.length }), 1);
  yield cutTurns(messages, 0);
  yield cutTurns(withoutAttachments(messages), 0);
}

/** As few as are needed, the oldest first; the newest turns are not touched. */
const shortenOldest = (messages: AgentMessage[], fits: PlanOptions['fits']): AgentMessage[] => {
  const shortened = (to: number): AgentMessage[] => shortenResults(messages, { max: shortResult, to });
  let [least, most] = [0, turnsOf(messages).at(-keptTurns) ?? 0];
  while (least < most) {
    const middle = Math.floor((least + most) / 2);
    if (fits(shortened(middle))) most = middle;
    else least = middle + 1;
  }
  return shortened(least);
};
