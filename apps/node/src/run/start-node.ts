/** One node as it runs: its machine, the service over it, and the link to the hub. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Machine, sandboxKind } from '@navisai/machine';
import type { ErrorCode, MachinePolicy, NavisError, NodeWelcome } from '@navisai/protocol';
import { createMachineService } from '@navisai/remote';
import type { Logger } from 'pino';
import { type Candidacy, findCandidacy, rememberMembership } from '../join/membership.ts';
import { type NodeKeyPair, openNodeKey } from '../join/node-key.ts';
import { openHubLink } from '../link/hub-link.ts';
import { openLog } from '../logging/node-log.ts';
import { ownVersion } from '../own-package.ts';
import { openNodeFolder } from '../settings/node-folder.ts';
import type { Settings } from '../settings/settings.ts';
import { withDeadline } from './deadline.ts';
import { currentLoad, describePlatform } from './describe-machine.ts';
import { keepMemorySmall } from './idle-memory.ts';
import { acquireNodeLock } from './node-lock.ts';
import { openMachine } from './open-machine.ts';
import { tellState } from './tell-state.ts';

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
export const startNode = async (request: StartRequest): Promise<RunningNode> => {
  const { settings } = request;
  await using opened = new AsyncDisposableStack();
  const folder = openNodeFolder(settings.home);
  opened.use(acquireNodeLock(folder.lockFile));
  const candidacy = findCandidacy(settings);
  const logFile = join(folder.logs, 'node.log');
  const { log } = opened.use(openLog(logFile, settings.logLevel));
  const keyPair = openNodeKey(folder.keyFile);
  const onUnexpected = (error: unknown): void => log.error({ err: error }, 'the machine reports a failure');
  const machine = opened.use(openMachine({ settings, nodeId: candidacy.nodeId, onUnexpected }));
  // Rejects when its ceiling is broken, or cannot be enforced here.
  const [sandbox] = await Promise.all([sandboxKind(), machine.start()]);
  const fate = serveHub({ ...request, opened, candidacy, log, logFile, keyPair, machine, sandbox });
  const hasJoined = (): boolean => existsSync(folder.membershipFile);
  return control({ ...fate, machine, log, hasJoined, opened: opened.move() });
};

interface ServeParts extends StartRequest {
  opened: AsyncDisposableStack;
  candidacy: Candidacy;
  log: Logger;
  logFile: string;
  keyPair: NodeKeyPair;
  machine: Machine;
  sandbox: MachinePolicy['sandbox'];
}

const serveHub = (parts: ServeParts): { connected: Promise<undefined>; refused: Promise<NavisError> } => {
  const { settings, opened, candidacy, log, keyPair, machine, sandbox } = parts;
  const version = ownVersion();
  const { promise: connected, resolve: connect } = Promise.withResolvers<undefined>();
  const { promise: refused, resolve: refuse } = Promise.withResolvers<NavisError>();
  const tell = opened.use(tellState({ ...parts, version }));
  let heartbeatMs = firstHeartbeatMs;
  const service = opened.use(
    createMachineService({
      machine,
      load: currentLoad,
      get heartbeatMs() {
        return heartbeatMs;
      },
      onOverlay: (overlay) => log.info({ isRestricted: overlay !== null }, 'the hub has changed its overlay'),
    }),
  );
  const memory = opened.use(keepMemorySmall());
  const link = openHubLink({
    candidacy,
    keyPair,
    binding: settings.binding,
    version,
    platform: () => describePlatform(sandbox),
    service,
    onWelcome: (welcome) => {
      ({ heartbeatMs } = welcome);
      return confirm(parts, welcome);
    },
    onState: (state) => {
      tell.state(state);
      if (state.kind === 'connected') connect(undefined);
    },
    onTraffic: () => memory.note(),
    onRefused: refuse,
  });
  opened.use(link);
  return { connected, refused };
};

/** The hub has proven itself and knows this node: what it said is kept for the time without it. */
const confirm = async ({ settings, candidacy, machine, log }: ServeParts, welcome: NodeWelcome): Promise<void> => {
  try {
    rememberMembership(settings.folder.membershipFile, candidacy, welcome.name);
  } catch (error) {
    log.error({ err: error }, 'node.json could not be written');
  }
  await machine.setOverlay(welcome.overlay);
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
