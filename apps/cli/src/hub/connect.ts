/** The connection of a command: to the hub of this machine as the host's own device, or to one that it is logged in to. */
import type { HubConnection } from '@navisai/client';
import { readEnvironment } from '../environment.ts';
import { CommandError } from '../output/command-error.ts';
import { chooseHub } from './choose-hub.ts';
import { readLocalAuthority, readRunningHub } from './home.ts';
import type { KnownHub } from './known-hubs.ts';
import { locateHub } from './locate.ts';

/** Only asked after a failure, to tell what is wrong. */
const diagnosisTimeoutMs = 1_500;

/** To the hub of this machine. Rejects with a CommandError when none ever ran here. */
export const openLocalHub = async (home: string): Promise<HubConnection> => {
  if ((await readRunningHub(home)) === undefined) throw await unreachable(home);
  const { connectHost } = await import('@navisai/client/node');
  return connectHost({ home });
};

/** To the hub that this command means. */
export const openHub = async (environment = readEnvironment()): Promise<HubConnection> => {
  const chosen = await chooseHub(environment);
  return chosen === undefined ? openLocalHub(environment.home) : openKnownHub(chosen);
};

export const openKnownHub = async (known: KnownHub): Promise<HubConnection> => {
  const { connectNode, createNodeSigner } = await import('@navisai/client/node');
  return connectNode({ origin: known.origin, ca: known.ca, signer: createNodeSigner(known) });
};

/**
 * Runs `use` with a connection that is closed afterwards. A hub that cannot be reached is told apart: not running, hung,
 * or somebody else on its port; elsewhere: not there, or not the one that it was.
 */
export const withHub = async <Result>(use: (hub: HubConnection) => Promise<Result>): Promise<Result> => {
  const environment = readEnvironment();
  const hub = await openHub(environment);
  try {
    return await use(hub);
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    const chosen = await chooseHub(environment);
    throw chosen === undefined ? await unreachable(environment.home) : unreachableElsewhere(chosen, error);
  } finally {
    hub.close();
  }
};

/** With the reason that the network gave. */
export const unreachableElsewhere = ({ name, origin }: KnownHub, error: unknown): CommandError => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
  const code = cause !== undefined && 'code' in cause ? String(cause.code) : '';
  const isForeign = /^(SELF_SIGNED|UNABLE_TO|DEPTH_ZERO|CERT_|ERR_TLS_CERT)/.test(code);
  return new CommandError(`The hub ${name} (${origin}) cannot be used: ${cause?.message ?? 'it does not answer'}.`, {
    code: 'HUB_UNREACHABLE',
    exitCode: 3,
    affects: 'Nothing was done.',
    remedy: isForeign
      ? `Its certificate is not the one that was confirmed here. If that is right: navisai login ${origin}`
      : 'Is that machine on, and the hub on it running?',
  });
};

const isUnreachable = (error: unknown): boolean =>
  error instanceof Error && error.name === 'NavisError' && 'code' in error && error.code === 'HUB_UNREACHABLE';

/** What exactly is wrong with the hub, in words. */
export const unreachable = async (home: string): Promise<CommandError> => {
  const condition = await locateHub(home, diagnosisTimeoutMs);
  const facts = { code: 'HUB_UNREACHABLE', exitCode: 3, affects: 'Nothing was done.' };
  switch (condition.kind) {
    case 'running':
      return new CommandError('The hub did not answer this call in time.', { ...facts, remedy: 'navisai logs' });
    case 'hung':
      return new CommandError(
        `The hub (process ${condition.process.pid}) runs but cannot be used: ${condition.reason}.`,
        { ...facts, remedy: 'navisai restart' },
      );
    case 'dead':
      return condition.stranger === undefined ? notRunning(home, facts) : strangerError(condition, facts);
  }
};

const notRunning = async (home: string, facts: CommandError['facts']): Promise<CommandError> => {
  const isNew = (await readLocalAuthority(home)) === undefined;
  return new CommandError(isNew ? `No hub has been started in ${home} yet.` : 'The hub is not running.', {
    ...facts,
    remedy: 'navisai up',
  });
};

const strangerError = (
  { port, stranger }: { port: number; stranger: string | undefined },
  facts: CommandError['facts'],
): CommandError =>
  new CommandError(`The hub is not running, and another program has its port ${port}: ${stranger ?? 'unknown'}.`, {
    ...facts,
    remedy: 'Stop that program, or: navisai up --port=N',
  });
