/** The service over the machine, and the link that gives it connections. */
import { currentLoad, describePlatform, type Machine } from '@navisai/machine';
import type { MachinePolicy, NavisError, NodeWelcome } from '@navisai/protocol';
import { createMachineService } from '@navisai/remote';
import { agentLoop } from '../agents/agent-loop.ts';
import { rememberMembership } from '../join/membership.ts';
import type { NodeKeyPair } from '../join/node-key.ts';
import { openHubLink } from '../link/hub-link.ts';
import { ownVersion } from '../own-package.ts';
import { keepMemorySmall } from './idle-memory.ts';
import { tellState, type TellParts } from './tell-state.ts';

/** Until the first welcome. Silence is told by the hub in `welcome`. */
const firstHeartbeatMs = 4500;

export interface ServeParts extends Omit<TellParts, 'version'> {
  /** Ends what is opened here. */
  opened: AsyncDisposableStack;
  keyPair: NodeKeyPair;
  machine: Machine;
  sandbox: MachinePolicy['sandbox'];
}

export const serveHub = (parts: ServeParts): { connected: Promise<undefined>; refused: Promise<NavisError> } => {
  const { settings, opened, candidacy, log, keyPair, machine, sandbox } = parts;
  const version = ownVersion();
  const { promise: connected, resolve: connect } = Promise.withResolvers<undefined>();
  const { promise: refused, resolve: refuse } = Promise.withResolvers<NavisError>();
  const tell = opened.use(tellState({ ...parts, version }));
  let heartbeatMs = firstHeartbeatMs;
  const service = opened.use(
    createMachineService({
      machine,
      agentLoop,
      load: currentLoad,
      get heartbeatMs() {
        return heartbeatMs;
      },
      onUnexpected: (error) => log.warn({ err: error }, 'what the hub said was refused'),
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
      heartbeatMs = welcome.loadMs ?? welcome.heartbeatMs;
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
    rememberMembership(settings.folder.membershipFile, candidacy, welcome);
  } catch (error) {
    log.error({ err: error }, 'node.json could not be written');
  }
  try {
    if (welcome.revocations) await machine.learnRevocations(welcome.revocations);
  } catch (error) {
    log.warn({ err: error }, 'the list of revoked devices of the hub was refused');
  }
  await machine.setOverlay(welcome.overlay);
};
