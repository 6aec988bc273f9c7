/** The step about trust: the browsers of this person on this machine. */
import { readLocalAuthority } from '../hub/home.ts';
import { addTrustOf, removeTrustOf } from '../trust/trust.ts';
import type { TrustOutcome } from '../trust/trust-store.types.ts';
import { untilTrue } from './until-true.ts';
import type { SetupFacts } from './setup-facts.ts';
import type { SetupStep, StepOutcome } from './step.types.ts';

const step = 'trust';
/** The hub makes its CA in the first second of its first start. */
const authorityDeadlineMs = 10_000;

/** On Linux the system's store belongs to root and is left alone: `sudo navisai trust`. */
export const trustStep = ({ environment, manager }: SetupFacts): SetupStep => {
  const request = { ...environment, isWithSystem: process.platform === 'darwin' };
  return {
    name: step,
    plan: ["Put the hub's CA into the trust stores of this person's browsers. It can vouch for this hub's names only."],
    undo: ["Take the hub's CA out of them."],
    async apply() {
      const deadlineMs = manager.kind === 'none' ? 0 : authorityDeadlineMs;
      const isThere = await untilTrue(
        async () => (await readLocalAuthority(environment.home)) !== undefined,
        deadlineMs,
      );
      if (!isThere)
        return {
          step,
          state: 'open',
          detail: 'the hub has not made its CA yet',
          remedy: 'navisai up, then: navisai trust',
        };
      return summary((await addTrustOf(request)).outcomes);
    },
    remove: async () => summary(await removeTrustOf(request)),
  };
};

const summary = (outcomes: readonly TrustOutcome[]): StepOutcome => {
  const failed = outcomes.find(({ state }) => state === 'failed');
  if (failed !== undefined)
    return { step, state: 'failed', detail: `${failed.title}: ${failed.detail ?? 'failed'}`, remedy: failed.remedy };
  const changed = outcomes.filter(({ state }) => state === 'added' || state === 'removed');
  const skipped = outcomes.find(({ state, remedy }) => state === 'skipped' && remedy !== undefined);
  if (changed.length === 0 && skipped !== undefined)
    return {
      step,
      state: 'open',
      detail: `${skipped.title}: ${skipped.detail ?? 'not changed'}`,
      remedy: skipped.remedy,
    };
  const titles = [...new Set(changed.map(({ title }) => title))].join(', ');
  return changed.length === 0
    ? { step, state: 'already', detail: 'nothing had to be changed' }
    : { step, state: 'done', detail: titles };
};
