/** `navisai up`: starts the hub in the background, or stays with it in the foreground. */
import { setTimeout as delay } from 'node:timers/promises';
import { defineCommand } from '../command-line/command.types.ts';
import { hubEnvironment, readEnvironment } from '../environment.ts';
import { daemonEntry } from '../hub/daemon-entry.ts';
import { locateHub, type HubCondition } from '../hub/locate.ts';
import { startHere } from '../hub/start-here.ts';
import { conflictExitCode } from '../hub/start-hub.ts';
import { CommandError } from '../output/command-error.ts';
import type { Output } from '../output/output.ts';
import { printable } from '../output/printable.ts';

const probeTimeoutMs = 2_000;
/** For the hub of another `up` that was faster. */
const otherStartDeadlineMs = 3_000;
const pollMs = 50;

export const up = defineCommand({
  isLocal: true,
  summary: 'Start the hub in the background.',
  details:
    'Succeeds only after the hub has answered. A hub that already runs is left alone. Terminals of an earlier run are taken over.',
  examples: [
    { command: 'navisai up', note: 'start in the background' },
    { command: 'navisai up --port=8443', note: 'on another port; every command finds it afterwards' },
    { command: 'navisai up --foreground', note: 'stay with it; Ctrl-C stops it' },
  ],
  flags: {
    port: {
      type: 'number',
      placeholder: '<number>',
      min: 0,
      max: 65_535,
      summary: 'Port to listen on (0: any free one); beats the configuration.',
    },
    foreground: { type: 'boolean', summary: 'Stay in this terminal.' },
  },
  async run({ flags, output }) {
    const { home } = readEnvironment();
    const condition = await locateHub(home, probeTimeoutMs);
    if (condition.kind === 'running') return tellRunning(condition, flags.port, output);
    if (condition.kind === 'hung') throw hungError(condition);
    if (flags.foreground) return stay(home, flags.port);
    const started = await startUnlessRunning({ home, port: flags.port });
    if ('kind' in started) return tellRunning(started, flags.port, output);
    const { status, pid, origin, notices } = started;
    output.result({ running: true, started: true, origin, pid, notices, ...statusFacts(status) }, () => [
      `${output.colors.green('●')} The hub runs on ${origin} (process ${pid}).`,
      ...notices.map((notice) => `  ${output.colors.yellow('!')} ${printable(notice)}`),
      ...problemLines(status),
      ...nextSteps(status.pairing, output),
    ]);
    return status.status === 'degraded' ? 7 : 0;
  },
});

/** Of two that start at once the second finds the hub of the first. */
const startUnlessRunning = async (start: { home: string; port: number | undefined }) => {
  try {
    return await startHere(start);
  } catch (error) {
    if (!(error instanceof CommandError) || error.facts.exitCode !== conflictExitCode) throw error;
    const end = performance.now() + otherStartDeadlineMs;
    for (;;) {
      const condition = await locateHub(start.home, probeTimeoutMs);
      if (condition.kind === 'running') return condition;
      if (condition.kind === 'dead' && condition.stranger !== undefined) throw error;
      if (performance.now() > end) throw error;
      await delay(pollMs);
    }
  }
};

const tellRunning = (
  condition: Extract<HubCondition, { kind: 'running' }>,
  port: number | undefined,
  output: Output,
): number => {
  if (port !== undefined && port !== 0 && port !== condition.port)
    throw new CommandError(`The hub already runs, on port ${condition.port}.`, {
      code: 'CONFLICT',
      exitCode: 6,
      affects: 'It was left as it is.',
      remedy: `To move it: navisai down --keep, then navisai up --port=${port}`,
    });
  const { status, process, origin } = condition;
  output.result({ running: true, started: false, origin, pid: process?.pid, ...statusFacts(status) }, () => [
    `${output.colors.green('●')} The hub is already running on ${origin}${process === undefined ? '' : ` (process ${process.pid})`}.`,
    ...problemLines(status),
    ...nextSteps(status.pairing, output),
  ]);
  return 0;
};

const statusFacts = ({ status, version, pairing, problems }: Extract<HubCondition, { kind: 'running' }>['status']) => ({
  status,
  version,
  pairing,
  problems,
});

const problemLines = ({ problems }: Extract<HubCondition, { kind: 'running' }>['status']): string[] =>
  problems.flatMap(({ what, affects, remedy }) => [
    `  Problem: ${printable(what)}`,
    `    ${printable(affects)}`,
    `    → ${printable(remedy)}`,
  ]);

const nextSteps = (pairing: string, { colors }: Output): string[] =>
  pairing === 'PAIRED'
    ? []
    : [
        `  Trust its certificate in your browsers:  ${colors.bold('navisai trust')}`,
        `  Pair a browser (shows a link and QR code):  ${colors.bold('navisai pair')}`,
        `  Open a terminal that survives:  ${colors.bold('navisai terminal open shell -- bash')}`,
      ];

const hungError = ({ process, reason }: Extract<HubCondition, { kind: 'hung' }>): CommandError =>
  new CommandError(`The hub (process ${process.pid}) runs but cannot be used: ${reason}.`, {
    code: 'CONFLICT',
    exitCode: 6,
    affects: 'Nothing was started.',
    remedy: 'navisai restart  (keeps every terminal)',
  });

/** This process becomes the hub: same PID and terminal, so signals and Ctrl-C reach it. */
const stay = (home: string, port: number | undefined): never => {
  const words = ['--foreground', ...(port === undefined ? [] : [`--port=${port}`])];
  if (process.execve === undefined)
    throw new CommandError('--foreground is not possible on this platform.', { code: 'INTERNAL', exitCode: 1 });
  return process.execve(process.execPath, [process.execPath, daemonEntry(), ...words], hubEnvironment(home));
};
