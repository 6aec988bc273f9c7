/** The live connection under every fault of the network: nothing lost, nothing doubled (T17, T18, I8). */
import type { FrameFate } from '@navisai/link';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { connect, follow, look, rename, settle } from './live-bench.fixture.ts';
import { ModelHub, modelSession, modelTerminal } from './model-hub.fixture.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const fate = (canDrop: boolean): fc.Arbitrary<FrameFate> =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constant<FrameFate>('deliver') },
    { weight: 2, arbitrary: fc.constant<FrameFate>('cut') },
    { weight: 2, arbitrary: fc.constant<FrameFate>('duplicate') },
    { weight: canDrop ? 2 : 0, arbitrary: fc.constant<FrameFate>('drop') },
    { weight: 2, arbitrary: fc.nat({ max: 30 }).map((delayMs): FrameFate => ({ delayMs })) },
  );

const step = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 9 }).map((text) => ({ print: text })) },
  { weight: 6, arbitrary: fc.constant({ append: true }) },
  { weight: 2, arbitrary: fc.constant({ cut: true }) },
  { weight: 3, arbitrary: fc.nat({ max: 300 }).map((waitMs) => ({ waitMs })) },
);

type Step = { print: string } | { append: boolean } | { cut: boolean } | { waitMs: number };

const act = async (hub: ModelHub, steps: Step[]): Promise<void> => {
  for (const action of steps) {
    if ('print' in action) hub.print(action.print.toWellFormed());
    if ('append' in action) hub.append(modelSession, rename(String(hub.rows.length)));
    if ('cut' in action) hub.network.cutAll();
    await settle('waitMs' in action ? action.waitMs : 1);
  }
};

const isBytes = (frame: string | Uint8Array): boolean => typeof frame !== 'string';

test('I8: a live row that is missing is fetched before the next one is told', async () => {
  let losses = 0;
  const hub = new ModelHub({
    onFrame: (frame) => (losses === 0 && String(frame).includes('"lost"') ? ((losses += 1), 'drop') : 'deliver'),
  });
  const live = connect(hub);
  const followed = follow(live);
  await settle();
  for (const title of ['one', 'lost', 'three', 'four']) hub.append(modelSession, rename(title));
  await settle();
  expect(followed.titles).toEqual(['one', 'lost', 'three', 'four']);
  expect(losses).toBe(1);
  live.close();
});

test('T17, I8: under random cuts, doubles and delays every row comes exactly once and no byte breaks the order', async () => {
  const scenario = fc.record({
    steps: fc.array(step, { maxLength: 40 }),
    fates: fc.array(fate(false), { maxLength: 80 }),
    resumeBytes: fc.constantFrom(0, 8, 1_000_000),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async ({ steps, fates, resumeBytes }) => {
      const plan = [...fates];
      const hub = new ModelHub({ onFrame: () => plan.shift() ?? 'deliver' });
      hub.resumeBytes = resumeBytes;
      const live = connect(hub);
      const followed = follow(live, { after: 0 });
      const seen = look(live);
      await act(hub, steps);
      plan.length = 0;
      hub.append(modelSession, rename(String(hub.rows.length)));
      hub.print('.');
      await settle(60_000);
      expect(followed.titles).toEqual(hub.rows.map((_, index) => String(index)));
      expect(seen.breaks).toEqual([]);
      expect(seen.text.endsWith('.')).toBe(true);
      live.close();
    }),
    { numRuns: 200 },
  );
});

test('T18: bytes seen across random cuts and losses are the bytes printed, whole and in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      fc.array(fate(true), { maxLength: 60 }),
      async (steps, fates) => {
        const plan = [...fates];
        const hub = new ModelHub({ onFrame: (frame) => (isBytes(frame) ? plan.shift() : undefined) ?? 'deliver' });
        const live = connect(hub);
        const chunks: Uint8Array[] = [];
        live.viewTerminal(
          { terminalId: modelTerminal, snapshot: false, from: 0 },
          { onReset: () => undefined, onBytes: ({ bytes }) => void chunks.push(bytes.slice()) },
        );
        await act(hub, steps);
        plan.length = 0;
        // What was lost last is only missed when something follows it.
        hub.print('.');
        await settle(60_000);
        expect(Buffer.concat(chunks).equals(Buffer.from(hub.output))).toBe(true);
        live.close();
      },
    ),
    { numRuns: 200 },
  );
});
