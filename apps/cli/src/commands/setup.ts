/** `navisai setup`: lets other devices reach the hub, after saying what that takes; undoes it; proves each step (I2, I4, I16). */
import { createInterface } from 'node:readline/promises';
import { defineCommand } from '../command-line/command.types.ts';
import { readEnvironment } from '../environment.ts';
import { type CommandError, usageError } from '../output/command-error.ts';
import type { Output } from '../output/output.ts';
import { printable } from '../output/printable.ts';
import { bridgeStepName } from '../setup/bridge-steps.ts';
import { planSetup } from '../setup/plan-setup.ts';
import { proveSetup } from '../setup/prove-setup.ts';
import type { SetupStep, StepOutcome } from '../setup/step.types.ts';
import { findingLines } from '../doctor/finding-lines.ts';
import { phoneLines } from '../trust/phone-lines.ts';

export const setup = defineCommand({
  isLocal: true,
  summary: 'Let other devices reach this hub.',
  details:
    'Installs the hub and its bridge (TCP 443) as services of this user, publishes navis.local in the network, and makes the browsers of this machine trust its CA. Shows first what it will do, asks once, and proves each step by looking. Doing it twice changes nothing. What only root may do it shows as one line and does not do. No firewall and no resolver is touched.',
  examples: [
    { command: 'navisai setup', note: 'shows the plan, then asks' },
    { command: 'navisai setup --yes --json', note: 'for scripts' },
    { command: 'navisai setup --port 8443', note: 'a port that needs no privilege' },
    { command: 'navisai setup --remove', note: 'undo exactly that' },
  ],
  flags: {
    yes: { type: 'boolean', short: 'y', summary: 'Do not ask.' },
    remove: { type: 'boolean', summary: 'Undo it. Terminals go on.' },
    port: { type: 'number', placeholder: '<number>', min: 1, max: 65_535, summary: 'Port of the bridge; default 443.' },
    'no-trust': { type: 'boolean', summary: 'Leave the trust stores of this machine alone.' },
  },
  async run({ flags, output }) {
    const environment = readEnvironment();
    const { facts, steps } = await planSetup({ environment, port: flags.port, isTrusting: !flags['no-trust'] });
    const isSure = flags.yes || (await confirm(steps, flags.remove, output));
    if (!isSure) {
      output.remark('Nothing was changed.');
      return 1;
    }
    if (flags.remove) return undo(steps, output);
    const outcomes = await inOrder(steps, (step) => step.apply());
    const { findings, phone } = await proveSetup(
      facts,
      outcomes.some(({ step, state }) => step === bridgeStepName && state === 'open'),
    );
    const isWorking = findings.every(({ state }) => state !== 'problem');
    const isDone = isWorking && outcomes.every(({ state }) => state !== 'failed');
    output.result({ done: isDone, steps: outcomes, findings, phone }, () => [
      ...outcomes.flatMap((outcome) => outcomeLines(outcome, output)),
      '',
      ...findings.flatMap((finding) => findingLines(finding, output)),
      ...(phone === undefined || !isDone ? [] : ['', ...phoneLines(phone, output)]),
    ]);
    return isDone ? 0 : 1;
  },
});

const undo = async (steps: readonly SetupStep[], output: Output): Promise<number> => {
  const outcomes = await inOrder(steps.filter((step) => step.undo.length > 0).toReversed(), (step) => step.remove());
  output.result({ removed: true, steps: outcomes }, () => outcomes.flatMap((outcome) => outcomeLines(outcome, output)));
  return outcomes.some(({ state }) => state === 'failed') ? 1 : 0;
};

const inOrder = async (
  steps: readonly SetupStep[],
  act: (step: SetupStep) => Promise<StepOutcome>,
): Promise<StepOutcome[]> => {
  const outcomes: StepOutcome[] = [];
  for (const step of steps) outcomes.push(await act(step));
  return outcomes;
};

/** The plan goes to stderr: it is no result. */
const confirm = async (steps: readonly SetupStep[], isRemoving: boolean, output: Output): Promise<boolean> => {
  const lines = steps.flatMap(({ plan, undo: undoing }) => (isRemoving ? undoing : plan));
  const canAsk = process.stdin.isTTY === true && !output.isJson;
  if (!canAsk && output.isJson) throw notAsked(isRemoving);
  output.remark(isRemoving ? 'This will be undone:' : 'This will be done:');
  for (const line of lines) output.remark(`  - ${printable(line)}`);
  if (!canAsk) throw notAsked(isRemoving);
  using prompt = createInterface({ input: process.stdin, output: process.stderr });
  return /^\s*y(es)?\s*$/i.test(await prompt.question('Go on? [y/N] '));
};

const notAsked = (isRemoving: boolean): CommandError =>
  usageError(
    'setup asks before it changes anything, and nobody can be asked here.',
    `navisai setup${isRemoving ? ' --remove' : ''} --yes`,
  );

const outcomeLines = ({ step, state, detail, remedy }: StepOutcome, { colors }: Output): string[] => {
  const mark = { done: colors.green('✓'), already: colors.dim('✓'), open: colors.yellow('→'), failed: colors.red('✗') }[
    state
  ];
  return [
    `${mark} ${step.padEnd(15)} ${printable(detail)}`,
    ...(remedy === undefined ? [] : [`  ${''.padEnd(15)} ${printable(remedy, 10_000)}`]),
  ];
};
