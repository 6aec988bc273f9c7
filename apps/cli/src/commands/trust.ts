/** `navisai trust`: makes the browsers of this machine trust the hub's certificate, and undoes it. */
import { defineCommand } from '../command-line/command.types.ts';
import { readEnvironment } from '../environment.ts';
import type { Output } from '../output/output.ts';
import { printable } from '../output/printable.ts';
import type { TrustOutcome, TrustState } from '../trust/trust-store.types.ts';
import { addTrustOf, removeTrustOf } from '../trust/trust.ts';

export const trust = defineCommand({
  isLocal: true,
  summary: "Make browsers trust this hub's certificate.",
  details:
    'Puts the local CA of this hub into the trust stores that this user may write: those of Chromium, Chrome and Firefox, the keychain on macOS, and the system store for root. The CA can vouch for navis.local and localhost only. Says what remains and how to do it; doing it twice changes nothing.',
  examples: [
    { command: 'navisai trust', note: 'then restart the browser' },
    { command: 'navisai trust --remove', note: 'undo exactly that' },
    { command: 'navisai trust --no-system', note: "the browsers' own stores only" },
  ],
  flags: {
    remove: { type: 'boolean', summary: 'Take the CA out again, everywhere.' },
    'no-system': { type: 'boolean', summary: "Leave the system's store alone." },
  },
  async run({ flags, output }) {
    const environment = readEnvironment();
    const request = { ...environment, isWithSystem: !flags['no-system'] };
    if (flags.remove) {
      const outcomes = await removeTrustOf(request);
      output.result({ outcomes }, () => [
        ...outcomes.flatMap((outcome) => outcomeLines(outcome, output)),
        doneLine(outcomes),
      ]);
      return exitCodeOf(outcomes);
    }
    const { authority, outcomes } = await addTrustOf(request);
    const remaining = environment.isWsl ? [windowsRemedy(authority.path)] : [];
    const { fingerprint, nickname, path } = authority;
    output.result({ authority: { fingerprint, nickname, path }, outcomes, remaining }, () => [
      `${nickname}  (SHA-256 ${fingerprint.slice(0, 32)}…)`,
      ...outcomes.flatMap((outcome) => outcomeLines(outcome, output)),
      ...remaining.map((line) => `  → ${line}`),
      doneLine(outcomes),
    ]);
    return exitCodeOf(outcomes);
  },
});

const words: Record<TrustState, string> = {
  added: 'trusted now',
  already: 'trusted already',
  removed: 'removed',
  absent: 'nothing to remove',
  skipped: 'left alone',
  failed: 'failed',
};

const outcomeLines = ({ title, location, state, detail, remedy }: TrustOutcome, { colors }: Output): string[] => {
  const marks: Partial<Record<TrustState, string>> = {
    added: colors.green('✓'),
    removed: colors.green('✓'),
    already: colors.green('✓'),
    failed: colors.red('✗'),
  };
  const reason = detail === undefined || detail === '' ? '' : `: ${printable(detail.split('\n').at(-1) ?? '')}`;
  return [
    `${marks[state] ?? colors.dim('·')} ${title}, ${printable(location)}: ${words[state]}${reason}`,
    ...(remedy === undefined ? [] : [`    → ${printable(remedy)}`]),
  ];
};

const doneLine = (outcomes: readonly TrustOutcome[]): string => {
  if (outcomes.some(({ state }) => state === 'failed')) return 'Something remains to be done, see above.';
  const isChanged = outcomes.some(({ state }) => state === 'added' || state === 'removed');
  return isChanged ? 'Done. Restart browsers that are open.' : 'Nothing had to be changed.';
};

const exitCodeOf = (outcomes: readonly TrustOutcome[]): number =>
  outcomes.some(({ state }) => state === 'failed') ? 1 : 0;

const windowsRemedy = (path: string): string =>
  `For browsers on Windows: certutil.exe -user -addstore Root "$(wslpath -w ${printable(path)})"`;
