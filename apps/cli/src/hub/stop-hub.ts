/** Stops the hub: asks it, then ends its process, whatever state it is in. */
import type { HubConnection } from '@navisai/client';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hubEnvironment } from '../environment.ts';
import { CommandError } from '../output/command-error.ts';
import { daemonEntry } from './daemon-entry.ts';
import { homeFiles } from './home.ts';
import type { HubCondition } from './locate.ts';
import { signalProcess, waitUntilGone, type ProcessIdentity } from './process-identity.ts';

export interface StopOutcome {
  /** Names of the terminals that were running; `undefined` when the hub could not tell. */
  terminals: string[] | undefined;
  how: 'asked' | 'terminated' | 'killed' | 'already gone';
}

export interface StopRequest {
  home: string;
  condition: HubCondition;
  /** Terminals go on for the next start. */
  keep: boolean;
  connect(): Promise<HubConnection>;
}

/** The hub ends terminals with TERM, then KILL after 5 s, ten per session: this leaves it time. */
const orderlyDeadlineMs = 20_000;
const askDeadlineMs = 5_000;
const termDeadlineMs = 8_000;
/** It may only be busy. */
const hungDeadlineMs = 3_000;
const killDeadlineMs = 5_000;
/** For ending what a dead hub left behind. */
const endHostsDeadlineMs = 30_000;

/** Afterwards no process of the hub is left, and none of its terminals unless `keep`. */
export const stopHub = async (stop: StopRequest): Promise<StopOutcome> => {
  const outcome = await stopProcess(stop);
  if (!stop.keep && outcome.how !== 'asked' && hasEverRun(stop.home)) await endHosts(stop.home);
  return outcome;
};

const hasEverRun = (home: string): boolean => existsSync(join(home, dirname(homeFiles.running)));

const stopProcess = async (stop: StopRequest): Promise<StopOutcome> => {
  const { condition } = stop;
  if (condition.kind === 'dead') return { terminals: undefined, how: 'already gone' };
  const terminals = condition.kind === 'running' ? await askToStop(stop) : undefined;
  const hub = condition.process;
  if (hub === undefined) throw unknownProcess(condition.port);
  if (terminals !== undefined && (await waitUntilGone(hub, orderlyDeadlineMs))) return { terminals, how: 'asked' };
  // A hub takes SIGHUP as "stop, but keep the terminals", SIGTERM as "stop with them".
  const deadlineMs = condition.kind === 'hung' ? hungDeadlineMs : termDeadlineMs;
  if (await endBy(hub, stop.keep ? 'SIGHUP' : 'SIGTERM', deadlineMs)) return { terminals, how: 'terminated' };
  if (await endBy(hub, 'SIGKILL', killDeadlineMs)) return { terminals, how: 'killed' };
  throw cannotEnd(hub);
};

/** The names of the running terminals, or `undefined` when the hub does not answer: it is ended the hard way then. */
const askToStop = async (stop: StopRequest): Promise<string[] | undefined> => {
  try {
    const hub = await stop.connect();
    return (await hub.api.shutdown({ body: { keep: stop.keep } }, { timeoutMs: askDeadlineMs })).terminals;
  } catch {
    return undefined;
  }
};

const endBy = async (hub: ProcessIdentity, signal: NodeJS.Signals, deadlineMs: number): Promise<boolean> => {
  await signalProcess(hub, signal);
  return waitUntilGone(hub, deadlineMs);
};

/** Ends the terminal hosts that a dead hub left behind, with everything in them. */
const endHosts = async (home: string): Promise<void> => {
  const child = spawn(process.execPath, [daemonEntry(), '--end-hosts'], {
    cwd: home,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: hubEnvironment(home),
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4096)));
  const timer = setTimeout(() => child.kill('SIGKILL'), endHostsDeadlineMs);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  if (code !== 0) throw cannotEndHosts(said.trim());
};

const cannotEndHosts = (said: string): CommandError =>
  new CommandError(`The terminals that the hub left behind could not be ended.${said === '' ? '' : `\n${said}`}`, {
    code: 'HOST_UNAVAILABLE',
    exitCode: 7,
    affects: 'The hub is stopped; processes of its terminals may still run.',
    remedy: 'navisai down, once more; then look for them with: ps -ef',
  });

const cannotEnd = ({ pid }: ProcessIdentity): CommandError =>
  new CommandError(`The hub (process ${pid}) could not be ended.`, {
    code: 'FORBIDDEN',
    exitCode: 4,
    affects: 'It is still there.',
    remedy: `Run navisai down as the user that started it, or: kill -9 ${pid}`,
  });

const unknownProcess = (port: number): CommandError =>
  new CommandError(`A hub answers on port ${port}, but this home does not know its process.`, {
    code: 'CONFLICT',
    exitCode: 6,
    affects: 'Nothing was stopped.',
    remedy: 'Stop it where it was started, or with its own NAVIS_HOME.',
  });
