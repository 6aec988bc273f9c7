import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runSchedule, type Verdict } from './schedule.ts';

const verdict = fc.constantFrom<Verdict>('succeeded', 'failed', 'not run');

interface Given {
  verdicts: readonly Verdict[];
  canaries: number;
  concurrency: number;
  maxFailures: number;
}

const run = async ({ verdicts, ...limits }: Given) => {
  const begun: number[] = [];
  let running = 0;
  let most = 0;
  const withheld = await runSchedule({
    ...limits,
    targets: verdicts.map((_, index) => index),
    isInterrupted: () => false,
    execute: async (target) => {
      begun.push(target);
      most = Math.max(most, (running += 1));
      // Ends in another order than it began.
      for (let turn = (target * 7) % 5; turn >= 0; turn -= 1) await Promise.resolve();
      running -= 1;
      return verdicts[target] ?? 'failed';
    },
  });
  return { begun, most, withheld };
};

test('N5: every node is begun once or withheld with a reason, never more at a time than allowed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        verdicts: fc.array(verdict, { maxLength: 40 }),
        canaries: fc.nat(5),
        concurrency: fc.integer({ min: 1, max: 10 }),
        maxFailures: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constant(Infinity)),
      }),
      async (given) => {
        const { begun, most, withheld } = await run(given);
        expect([...begun, ...withheld.keys()].toSorted((a, b) => a - b)).toEqual(given.verdicts.map((_, i) => i));
        expect(most).toBeLessThanOrEqual(given.concurrency);
        const failures = begun.filter((target) => given.verdicts[target] === 'failed').length;
        // What runs when the last allowed failure comes may fail as well.
        expect(failures).toBeLessThanOrEqual(given.maxFailures + given.concurrency - 1);
        const canaries = given.verdicts.slice(0, given.canaries);
        if (canaries.some((one) => one !== 'succeeded'))
          expect(begun.every((target) => target < given.canaries)).toBe(true);
        else if (failures < given.maxFailures) expect(withheld.size).toBe(0);
      },
    ),
  );
});

test('N5: after an interrupt nothing more is begun', async () => {
  let isInterrupted = false;
  const withheld = await runSchedule({
    targets: [1, 2, 3],
    canaries: 0,
    concurrency: 1,
    maxFailures: Infinity,
    isInterrupted: () => isInterrupted,
    execute: async () => {
      isInterrupted = true;
      return 'failed';
    },
  });
  expect([...withheld]).toEqual([
    [2, 'interrupted'],
    [3, 'interrupted'],
  ]);
});
