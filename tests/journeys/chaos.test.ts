/** Everything fails while commands run and terminals stream on three nodes; `npm run chaos` does the same for longer. */
import { expect, test } from 'vitest';
import { runChaos } from '../chaos/run-chaos.ts';

const seed = Number(process.env['NAVIS_CHAOS_SEED'] ?? 20_260_101);
/** Each fault may take seconds on a busy machine. */
const testDeadlineMs = 300_000;

test(
  'N6, N7, T18: through cuts, stalls, kills and restarts no byte is lost or doubled, no command runs twice, every call is answered',
  async () => {
    const told: string[] = [];
    const report = await runChaos({ seed, faults: 20, nodes: 3, log: (line) => told.push(line) });
    expect(report.violations, `seed ${seed}; ${told.join('; ')}`).toEqual([]);
    expect(report.commands.succeeded).toBeGreaterThan(5);
    expect(report.streamedBytes).toBeGreaterThan(10_000);
  },
  testDeadlineMs,
);
