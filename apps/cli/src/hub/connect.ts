/** The connection of a command to the hub of this machine, as the host's own device. */
import type { HubConnection } from '@navisai/client';
import { readEnvironment } from '../environment.ts';
import { CommandError } from '../output/command-error.ts';
import { readLocalAuthority, readRunningHub } from './home.ts';
import { locateHub } from './locate.ts';

/** Only asked after a failure, to tell what is wrong. */
const diagnosisTimeoutMs = 1_500;

/** Rejects with a CommandError when no hub ever ran here. */
export const openHub = async (home = readEnvironment().home): Promise<HubConnection> => {
  if ((await readRunningHub(home)) === undefined) throw await unreachable(home);
  const { connectHost } = await import('@navisai/client/node');
  return connectHost({ home });
};

/**
 * Runs `use` with a connection that is closed afterwards. A hub that cannot be reached is told apart: not running, hung,
 * or somebody else on its port.
 */
export const withHub = async <Result>(use: (hub: HubConnection) => Promise<Result>): Promise<Result> => {
  const { home } = readEnvironment();
  const hub = await openHub(home);
  try {
    return await use(hub);
  } catch (error) {
    if (isUnreachable(error)) throw await unreachable(home);
    throw error;
  } finally {
    hub.close();
  }
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
