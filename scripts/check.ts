/** The one check command: every step with its time, failures in full, at the end all of them in short and a count. */
import { inspect, styleText } from 'node:util';
import { describeFailure } from './check/failures.ts';
import type { Counts, Step, StepContext } from './check/step.types.ts';
import { steps } from './check/steps.ts';
import { createSurroundings } from './check/surroundings.ts';

const root = new URL('..', import.meta.url).pathname.replace(/\/$/, '');

// After the step: words for vitest, such as a path or `-t name`.
const [wanted, ...filters] = process.argv.slice(2);
const chosen = wanted === undefined ? steps : withNeeds(wanted);
if (chosen.length === 0) {
  console.log(`there is no step "${wanted}"; the steps are ${steps.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
process.exitCode = (await check(chosen)) ? 0 : 1;

function withNeeds(name: string): Step[] {
  const step = steps.find((candidate) => candidate.name === name);
  return step === undefined ? [] : [...(step.needs ?? []).flatMap(withNeeds), step];
}

async function check(list: Step[]): Promise<boolean> {
  using surroundings = createSurroundings(root);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      surroundings.killLeftovers();
      surroundings[Symbol.dispose]();
      process.exit(130);
    });
  }
  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  const failedSteps = new Set<string>();
  const failures: string[] = [];
  const context: StepContext = { root, environment: surroundings.environment, filters, failedSteps };
  const early = list.filter(({ isApart }) => isApart === true).map((step) => ({ step, end: timed(step, context) }));
  for (const step of list) {
    const counts = await runStep(step, context, early.find((one) => one.step === step)?.end);
    if (counts.failed > 0) failedSteps.add(step.name);
    failures.push(...(counts.failures ?? []).map((failure) => `${step.name}: ${failure}`));
    for (const key of ['passed', 'failed', 'skipped'] as const) total[key] += counts[key];
  }
  const leftovers = await surroundings.endLeftovers();
  failures.push(...leftovers.map(({ pid, command }) => describeFailure(`left running, ended: ${pid}`, command)));
  if (leftovers.length > 0) {
    failedSteps.add('processes left running');
    total.failed += 1;
  }
  if (failedSteps.size > 0) console.log(['', `failed: ${[...failedSteps].join(', ')}`, ...failures].join('\n  '));
  console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return total.failed === 0;
}

interface TimedCounts extends Counts {
  seconds: number;
}

async function timed(step: Step, context: StepContext): Promise<TimedCounts> {
  const start = performance.now();
  const counts = await step.run(context).catch((error: unknown) => {
    const failures = [describeFailure('the step itself', String(error))];
    return { passed: 0, failed: 1, skipped: 0, failures, output: inspect(error) };
  });
  return { ...counts, seconds: (performance.now() - start) / 1000 };
}

/** `begun`: it runs already. */
async function runStep(step: Step, context: StepContext, begun?: Promise<TimedCounts>): Promise<Counts> {
  console.log(styleText('bold', `── ${step.name}`));
  const counts = await (begun ?? timed(step, context));
  if (counts.output !== undefined && counts.output !== '') console.log(counts.output);
  const outcome = counts.failed === 0 ? styleText('green', 'ok') : styleText('red', 'failed');
  console.log(`   ${step.name}: ${outcome}, ${counts.seconds.toFixed(1)} s`);
  return counts;
}
