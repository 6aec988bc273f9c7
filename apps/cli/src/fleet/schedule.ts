/** In which order and how many at a time a command is begun on nodes: canaries first, no more after too many failures. */

export type Verdict = 'succeeded' | 'failed' | 'not run';
/** Why a target was never begun. */
export type Withheld = 'canary' | 'stopped' | 'interrupted';

export interface Schedule<T> {
  targets: readonly T[];
  /** So many of the first targets must all succeed before any other is begun. */
  canaries: number;
  /** At most so many at a time. */
  concurrency: number;
  /** After so many failures nothing more is begun; what runs goes on to its end. */
  maxFailures: number;
  /** Must not reject. */
  execute: (target: T) => Promise<Verdict>;
  isInterrupted: () => boolean;
}

/** Resolves when everything that was begun has ended, with what was never begun and why. */
export const runSchedule = async <T>(schedule: Schedule<T>): Promise<Map<T, Withheld>> => {
  const { targets, canaries } = schedule;
  const counts = { succeeded: 0, failed: 0 };
  const withheld = new Map<T, Withheld>();
  const first = targets.slice(0, canaries);
  await runStage(schedule, { targets: first, counts, withheld });
  const haveCanariesFailed = counts.succeeded < first.length;
  const others = targets.slice(canaries);
  if (haveCanariesFailed)
    for (const target of others) withheld.set(target, schedule.isInterrupted() ? 'interrupted' : 'canary');
  else await runStage(schedule, { targets: others, counts, withheld });
  return withheld;
};

interface Stage<T> {
  targets: readonly T[];
  counts: { succeeded: number; failed: number };
  withheld: Map<T, Withheld>;
}

const runStage = async <T>(schedule: Schedule<T>, { targets, counts, withheld }: Stage<T>): Promise<void> => {
  const { concurrency, maxFailures, execute, isInterrupted } = schedule;
  const queue = targets.values();
  const work = async (): Promise<void> => {
    // One queue for all workers: each target is taken once.
    for (const target of queue) {
      if (isInterrupted()) withheld.set(target, 'interrupted');
      else if (counts.failed >= maxFailures) withheld.set(target, 'stopped');
      else {
        const verdict = await execute(target);
        if (verdict !== 'not run') counts[verdict] += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, targets.length) }, work));
};
