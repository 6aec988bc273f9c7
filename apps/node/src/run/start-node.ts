/** One node as it runs: its machine, the service over it, and the link to the hub. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from '@navisai/machine';
import type { ErrorCode, NavisError, NodeWelcome } from '@navisai/protocol';
import { createMachineService } from '@navisai/remote';
import type { Logger } from 'pino';
import { type Candidacy, findCandidacy, rememberMembership } from '../join/membership.ts';
import { openNodeKey } from '../join/node-key.ts';
import { type HubLinkState, openHubLink } from '../link/hub-link.ts';
import { openLog } from '../logging/node-log.ts';
import { ownVersion } from '../own-package.ts';
import { openNodeFolder } from '../settings/node-folder.ts';
import type { Settings } from '../settings/settings.ts';
import { requireEnforceable, requireReadableCeiling } from './ceiling.ts';
import { withDeadline } from './deadline.ts';
import { currentLoad, describePlatform } from './describe-machine.ts';
import { acquireNodeLock } from './node-lock.ts';
import { openMachine } from './open-machine.ts';
import { type RunningFile, tellThatItRuns } from './running-file.ts';

export interface StopHow {
  /** Terminals go on for the next start. */
  keep: boolean;
}

export interface RunningNode {
  readonly machine: Machine;
  readonly log: Logger;
  /** Resolves at the first welcome. */
  readonly connected: Promise<undefined>;
  /** Resolves when everything is closed: with why, when the hub does not want this node. */
  readonly ended: Promise<NavisError | undefined>;
  stop(how: StopHow): void;
}

export interface StartRequest {
  settings: Settings;
  /** A line for whoever looks at this terminal, or for the journal. */
  say(text: string): void;
}

/** Terminals get TERM, then KILL after 5 s. */
const terminalsDeadlineMs = 15_000;
const releaseDeadlineMs = 5000;
/** Until the first welcome. Silence is told by the hub in `welcome`. */
const firstHeartbeatMs = 4500;

/** Rejects NavisError when this node cannot serve: not joined, runs already, cannot enforce its ceiling. */
export const startNode = async ({ settings, say }: StartRequest): Promise<RunningNode> => {
  await using opened = new AsyncDisposableStack();
  const folder = openNodeFolder(settings.home);
  opened.use(acquireNodeLock(folder.lockFile));
  const candidacy = findCandidacy(settings);
  requireReadableCeiling(folder.ceilingFile);
  const logFile = join(folder.logs, 'node.log');
  const { log } = opened.use(openLog(logFile, settings.logLevel));
  const keyPair = openNodeKey(folder.keyFile);
  const { nodeId, hubId, hubUrl } = candidacy;
  const onUnexpected = (error: unknown): void => log.error({ err: error }, 'the machine reports a failure');
  const machine = opened.use(openMachine({ settings, nodeId, onUnexpected }));
  const policy = await machine.policy();
  requireEnforceable(policy);
  await machine.start();

  const at = new Date().toISOString();
  const name = candidacy.membership?.name ?? null;
  const version = ownVersion();
  const facts = { version, startedAt: at, nodeId, name, hubUrl, hubId, since: at, reason: null, epoch: null, logFile };
  const onProblem = (error: unknown): void => log.error({ err: error }, 'run/node.json could not be written');
  const running = opened.use(tellThatItRuns(folder.runningFile, { ...facts, state: 'connecting' }, onProblem));
  const heartbeat = { ms: firstHeartbeatMs };
  const service = opened.use(
    createMachineService({
      machine,
      load: currentLoad,
      get heartbeatMs() {
        return heartbeat.ms;
      },
      onOverlay: (overlay) => log.info({ isRestricted: overlay !== null }, 'the hub has changed its overlay'),
    }),
  );
  const { promise: connected, resolve: connect } = Promise.withResolvers<undefined>();
  const tell = createTeller({ candidacy, running, log, say });
  const { promise: refused, resolve: refuse } = Promise.withResolvers<NavisError>();
  opened.use(
    openHubLink({
      candidacy,
      keyPair,
      binding: settings.binding,
      version,
      platform: () => describePlatform(policy.sandbox),
      service,
      onWelcome: (welcome) => {
        heartbeat.ms = welcome.heartbeatMs;
        confirm({ candidacy, welcome, machine, log, path: folder.membershipFile });
      },
      onState: (state) => {
        tell(state);
        if (state.kind === 'connected') connect(undefined);
      },
      onRefused: refuse,
    }),
  );
  log.info({ nodeId, hubUrl, pid: process.pid, version }, 'the node is up');
  const hasJoined = (): boolean => existsSync(folder.membershipFile);
  return control({ machine, log, connected, refused, hasJoined, opened: opened.move() });
};

/** The hub has proven itself and knows this node: what it said is kept for the time without it. */
const confirm = (parts: {
  candidacy: Candidacy;
  welcome: NodeWelcome;
  machine: Machine;
  log: Logger;
  path: string;
}): void => {
  const { candidacy, welcome, machine, log } = parts;
  try {
    rememberMembership(parts.path, candidacy, welcome.name);
  } catch (error) {
    log.error({ err: error }, 'node.json could not be written');
  }
  machine.setOverlay(welcome.overlay).catch((error: unknown) => log.error({ err: error }, 'the overlay of the hub'));
};

/** Tells changes once, to the person, to the log and to `run/node.json`. */
const createTeller = (parts: {
  candidacy: Candidacy;
  running: RunningFile;
  log: Logger;
  say(text: string): void;
}): ((state: HubLinkState) => void) => {
  const { running, log, say } = parts;
  const { hubUrl } = parts.candidacy;
  let lastSaid = '';
  return (state) => {
    const since = new Date().toISOString();
    if (state.kind === 'connected') {
      const { name, epoch } = state;
      running.update({ state: 'connected', since, reason: null, name, epoch });
      log.info({ name, epoch, hubUrl }, 'connected');
      say(`Node ${name} is connected to ${hubUrl}.`);
      lastSaid = '';
    } else if (state.kind === 'reconnecting') {
      if (state.reason === lastSaid) return;
      lastSaid = state.reason;
      running.update({ state: 'reconnecting', since, reason: state.reason });
      log.warn({ reason: state.reason, hubUrl }, 'not connected');
      say(`Not connected to ${hubUrl}: ${state.reason}. Trying again.`);
    }
  };
};

/** What it left running may still be of use when a person starts the node again. */
const mayComeBack: ReadonlySet<ErrorCode> = new Set(['NODE_REPLACED', 'VERSION_MISMATCH']);

const control = (parts: {
  machine: Machine;
  log: Logger;
  connected: Promise<undefined>;
  refused: Promise<NavisError>;
  hasJoined(): boolean;
  opened: AsyncDisposableStack;
}): RunningNode => {
  const { machine, log, opened, hasJoined } = parts;
  const { promise: stopped, resolve } = Promise.withResolvers<undefined>();
  let isStopping = false;
  const attempt = async (work: Promise<void>, limit: { ms: number; what: string }): Promise<void> => {
    try {
      await withDeadline(work, limit);
    } catch (error) {
      log.error({ err: error }, 'stopping');
    }
  };
  const finish = async ({ keep }: StopHow): Promise<void> => {
    log.info({ keep }, 'the node stops');
    if (!keep) await attempt(machine.shutdown(), { ms: terminalsDeadlineMs, what: 'ending the terminals' });
    await attempt(opened.disposeAsync(), { ms: releaseDeadlineMs, what: 'closing' });
  };
  const stop = (how: StopHow): void => {
    if (isStopping) return;
    isStopping = true;
    void finish(how).then(() => resolve(undefined));
  };
  const refusedAndClosed = parts.refused.then(async (error) => {
    isStopping = true;
    log.error({ code: error.code, reason: error.message }, 'the hub does not want this node');
    const hasWork = machine.terminals().some(({ status }) => status === 'busy');
    await finish({ keep: hasJoined() && (hasWork || mayComeBack.has(error.code)) });
    return error;
  });
  return { machine, log, stop, connected: parts.connected, ended: Promise.race([stopped, refusedAndClosed]) };
};
