/** `navisai down`: stops the hub with every terminal of it, in whatever state it is. */
import { defineCommand } from '../command-line/command.types.ts';
import { readEnvironment } from '../environment.ts';
import { openLocalHub } from '../hub/connect.ts';
import { locateHub } from '../hub/locate.ts';
import { stopHub, type StopOutcome } from '../hub/stop-hub.ts';
import { printable } from '../output/printable.ts';

const probeTimeoutMs = 3_000;

export const down = defineCommand({
  isLocal: true,
  summary: 'Stop the hub and end every terminal.',
  details:
    'Names the terminals that were running and leaves no process behind, also when the hub is dead or hangs. With --keep the terminals go on, and the next `navisai up` takes them over.',
  examples: [
    { command: 'navisai down', note: 'stop everything' },
    { command: 'navisai down --keep', note: 'stop the hub only; terminals go on' },
  ],
  flags: { keep: { type: 'boolean', summary: 'Leave the terminals running for the next start.' } },
  async run({ flags, output }) {
    const { home } = readEnvironment();
    const condition = await locateHub(home, probeTimeoutMs);
    const outcome = await stopHub({ home, condition, keep: flags.keep, connect: () => openLocalHub(home) });
    const wasRunning = outcome.how !== 'already gone';
    const terminals = outcome.terminals ?? null;
    output.result({ stopped: true, wasRunning, how: outcome.how, kept: flags.keep, terminals }, () =>
      tell(outcome, flags.keep),
    );
  },
});

const tell = (outcome: StopOutcome, isKept: boolean): string[] => {
  const names = outcome.terminals?.map((name) => `  ${printable(name)}`) ?? [];
  const kept = isKept ? 'Terminals that go on:' : 'Terminals that were ended:';
  return [headlines[outcome.how], ...(names.length === 0 ? [] : [kept, ...names])];
};

const headlines: Record<StopOutcome['how'], string> = {
  asked: 'The hub has stopped.',
  terminated: 'The hub did not answer and was ended.',
  killed: 'The hub hung and was killed.',
  'already gone': 'The hub was not running.',
};
