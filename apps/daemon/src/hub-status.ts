/** What the hub says about itself to everyone (I6, I17). */
import { type HubStatus, mainNodeId, NavisError, protocolVersion } from '@navisai/protocol';
import type { StoreKeeper, StoreProblem } from '@navisai/store';
import type { Pairing } from './services/pairing/pairing.ts';

export interface StatusParts {
  version: string;
  hubId: string;
  startedAtMs: number;
  now: () => number;
  keeper: StoreKeeper;
  pairing: Pairing;
  isStopping: boolean;
}

export const describeStatus = ({ keeper, pairing, isStopping, now, startedAtMs, ...facts }: StatusParts): HubStatus => {
  const problem = keeper.problem();
  return {
    status: isStopping ? 'stopping' : problem === undefined ? 'ok' : 'degraded',
    version: facts.version,
    protocol: protocolVersion,
    instanceId: mainNodeId,
    hubId: facts.hubId,
    generation: keeper.generation,
    pairing: pairing.state,
    startedAt: new Date(startedAtMs).toISOString(),
    serverTime: new Date(Math.max(now(), startedAtMs)).toISOString(),
    problems: problem === undefined ? [] : [describeProblem(problem)],
  };
};

const describeProblem = ({ kind, what, remedy }: StoreProblem): HubStatus['problems'][number] => ({
  what,
  affects:
    kind === 'unwritable'
      ? 'Nothing can be changed; reading goes on.'
      : 'Everything but this status, the log and stopping the hub. Terminals go on.',
  remedy,
});

/** Throws NavisError DEGRADED while the store cannot be read. */
export const requireReadable = (keeper: StoreKeeper): void => {
  const problem = keeper.problem();
  if (problem?.kind === 'unreadable') throw new NavisError('DEGRADED', `${problem.what} ${problem.remedy}`);
};
