/** The machine that the hub runs on, with the hub's settings. */
import { createMachine, type Machine } from '@navisai/machine';
import type { Owner } from '@navisai/policy';
import { mainNodeId } from '@navisai/protocol';
import type { FastifyBaseLogger } from 'fastify';
import type { Config } from '../settings/config.ts';

export const openMachine = (config: Config, log: FastifyBaseLogger, owner?: Owner): Machine =>
  createMachine({
    ...placesOf(config),
    nodeId: mainNodeId,
    language: config.person.language,
    allowedCommands: config.allowedCommands,
    owner: () => owner ?? null,
    idleLimitMs: config.terminalIdleMs,
    projectRoots: config.projectRoots,
    onUnexpected: (error) => log.error({ err: error }, 'the machine reports a failure'),
  });

/** What is the hub's own, and whose machine it is. */
export const placesOf = ({ home, person, certificate }: Config) => ({
  stateDirectory: home,
  home: person.home,
  runtimeDirectory: person.runtimeDirectory,
  hiddenPaths: certificate === undefined ? [] : [certificate.keyFile],
});
