/** `npm run chaos -- [--faults n] [--seed n] [--nodes n]`: the long run; prints its seed, so that it can be repeated. */
import { parseArgs } from 'node:util';
import { setup as buildTestPrograms } from '../../scripts/builds/test-set-up.ts';
import { runChaos } from './run-chaos.ts';

const { values } = parseArgs({
  options: { faults: { type: 'string' }, seed: { type: 'string' }, nodes: { type: 'string' } },
});

const wholeNumber = (name: string, text: string | undefined, fallback: number): number => {
  if (text === undefined) return fallback;
  if (!/^\d{1,9}$/.test(text) || Number(text) === 0) throw new Error(`--${name} must be a whole number above 0`);
  return Number(text);
};

const options = {
  faults: wholeNumber('faults', values.faults, 1000),
  seed: wholeNumber('seed', values.seed, Date.now() % 1_000_000_000),
  nodes: wholeNumber('nodes', values.nodes, 3),
};
console.log(`seed ${options.seed}: ${options.faults} faults on ${options.nodes} nodes`);
await buildTestPrograms();
const report = await runChaos({ ...options, log: (line) => console.log(line) });
console.log(JSON.stringify(report, null, 2));
// After thousands of sockets that were reset the runtime may hold some to be under way, and spin at its end.
process.stdout.write('', () => process.exit(report.violations.length === 0 ? 0 : 1));
