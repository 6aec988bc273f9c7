/** `npm run hunt -- [--rounds n] [--seed n] [path …]`: every property from a fresh seed in each round, until one fails. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { seedVariable } from './check/property-seed.ts';
import { createSurroundings } from './check/surroundings.ts';
import { runVitest } from './check/vitest-step.ts';

const root = new URL('..', import.meta.url).pathname.replace(/\/$/, '');
const maxSeed = 2_000_000_000;
const roundDeadlineMs = 3_600_000;

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '10' }, seed: { type: 'string' } },
  allowPositionals: true,
});
const rounds = Number(values.rounds);
const firstSeed = Number(values.seed ?? Math.floor(Math.random() * maxSeed));
if (!Number.isInteger(rounds) || rounds < 1 || !Number.isInteger(firstSeed))
  refuse('--rounds and --seed take whole numbers');

const files = globSync('{packages,apps}/*/src/**/*.test.ts', { cwd: root }).filter(
  (path) =>
    // The properties of a suite run where the suite does.
    /fast-check|\.suite\.ts/.test(readFileSync(join(root, path), 'utf8')) &&
    (positionals.length === 0 || positionals.some((part) => path.includes(part))),
);
if (files.length === 0) refuse(`no properties are in ${positionals.join(', ')}`);

process.exitCode = (await hunt()) ? 0 : 1;

async function hunt(): Promise<boolean> {
  using surroundings = createSurroundings(root);
  try {
    for (let seed = firstSeed; seed < firstSeed + rounds; seed += 1) {
      console.log(`seed ${seed}`);
      const environment = { ...surroundings.environment, [seedVariable]: String(seed) };
      const context = { root, environment, filters: files, failedSteps: new Set<string>() };
      const { failed, failures } = await runVitest(context, { project: 'unit', deadlineMs: roundDeadlineMs });
      if (failed === 0) continue;
      console.log([...(failures ?? []), `again: npm run hunt -- --rounds 1 --seed ${seed}`].join('\n'));
      return false;
    }
    return true;
  } finally {
    await surroundings.endLeftovers();
  }
}

function refuse(why: string): never {
  console.error(why);
  process.exit(2);
}
