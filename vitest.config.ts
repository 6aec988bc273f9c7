/** Three kinds of tests: unit (beside the code, in two projects), journeys (across programs) and browser (a real Chromium). */
import { defineConfig } from 'vitest/config';
import { LongFirst } from './scripts/check/long-first.ts';
import { testsThatShareAProcess } from './scripts/check/shares-a-process.ts';

const shared = testsThatShareAProcess(import.meta.dirname);
const ignored = ['**/node_modules/**', '**/.types/**', '**/dist/**', '**/build/**', '**/.svelte-kit/**'];

export default defineConfig({
  test: {
    pool: 'forks',
    // Tests wait for programs, not for processors: two workers leave half of two cores idle.
    maxWorkers: 4,
    globalSetup: './scripts/builds/test-set-up.ts',
    sequence: { sequencer: LongFirst },
    teardownTimeout: 10_000,
    // Tests of a promised time say `retry: 2` themselves: a busy moment passes, a slow program fails thrice. No other does.
    // Waiting costs nothing where all is well; the machine may be busy with the other worker, or with others' work.
    expect: { poll: { timeout: 25_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['packages/**/*.test.ts', 'apps/**/*.test.ts', 'scripts/**/*.test.ts', 'bench/**/*.test.ts'],
          exclude: [...ignored, ...shared],
          setupFiles: './scripts/check/property-seed.ts',
          // Some start a hub thrice, each in tens of seconds when the machine is busy.
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'unit-shared',
          include: shared,
          exclude: ignored,
          setupFiles: './scripts/check/property-seed.ts',
          isolate: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'journeys',
          include: ['tests/journeys/**/*.test.ts'],
          exclude: ignored,
          // Programs start dozens of times in one journey, each in seconds when the machine is busy.
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['tests/browser/**/*.test.ts'],
          exclude: ignored,
          testTimeout: 300_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
