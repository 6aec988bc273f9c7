/** `navisai trust`: makes the browsers of this machine trust the hub's certificate, and undoes it. */
import { defineCommand } from '../command-line/command.types.ts';
import { readEnvironment } from '../environment.ts';
import { readRunningHub } from '../hub/home.ts';
import type { Output } from '../output/output.ts';
import { printable } from '../output/printable.ts';
import type { TrustOutcome, TrustState } from '../trust/trust-store.types.ts';
import { fingerprintRows } from '../trust/fingerprint.ts';
import { phoneLines, phoneTrustOf } from '../trust/phone-lines.ts';
import { addTrustOf, authorityOf, removeTrustOf } from '../trust/trust.ts';

export const trust = defineCommand({
  isLocal: true,
  summary: "Make browsers trust this hub's certificate.",
  details:
    'Puts the local CA of this hub into the trust stores that this user may write: those of Chromium, Chrome and Firefox, the keychain on macOS, and the system store for root. The CA can vouch for the names of this hub only. Says what remains and how to do it; doing it twice changes nothing.',
  examples: [
    { command: 'navisai trust', note: 'then restart the browser' },
    { command: 'navisai trust --remove', note: 'undo exactly that' },
    { command: 'navisai trust --phone', note: 'how a phone comes to trust it; shows the fingerprint to compare' },
    { command: 'navisai trust --no-system', note: "the browsers' own stores only" },
  ],
  flags: {
    remove: { type: 'boolean', summary: 'Take the CA out again, everywhere.' },
    phone: {
      type: 'boolean',
      summary: 'Show how a phone, or another machine, comes to trust the CA. Changes nothing.',
    },
    'no-system': { type: 'boolean', summary: "Leave the system's store alone." },
  },
  async run({ flags, output }) {
    const environment = readEnvironment();
    if (flags.phone) return showPhone(environment.home, output);
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

/** The fingerprint is shown also when no phone reaches this hub: `navisai login` compares it too. */
const showPhone = async (home: string, output: Output): Promise<number> => {
  const authority = await authorityOf(home);
  const { origin } = (await readRunningHub(home)) ?? { origin: undefined };
  const isReachable = origin !== undefined && !/^https:\/\/(localhost|127\.)/.test(origin);
  const phone = isReachable ? phoneTrustOf(origin, authority) : undefined;
  const [first, second] = fingerprintRows(authority.fingerprint);
  output.result({ fingerprint: authority.fingerprint, url: phone?.url ?? null }, () =>
    phone === undefined
      ? [
          'SHA-256 fingerprint of the CA of this hub:',
          '',
          `  ${first}`,
          `  ${second}`,
          '',
          'No phone can reach this hub yet: it listens on this machine only, or does not run.',
          '  → navisai setup',
        ]
      : phoneLines(phone, output),
  );
  return 0;
};

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
