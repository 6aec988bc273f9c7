/** The machine that the hub runs on, with the hub's settings. */
import { createMachine, type Machine } from '@navisai/machine';
import type { Owner } from '@navisai/policy';
import { mainNodeId } from '@navisai/protocol';
import type { FastifyBaseLogger } from 'fastify';
import type { Config } from '../settings/config.ts';

export const openMachine = (config: Config, log: FastifyBaseLogger, owner?: Owner): Machine =>
  createMachine({
    stateDirectory: config.home,
    nodeId: mainNodeId,
    home: config.person.home,
    language: config.person.language,
    runtimeDirectory: config.person.runtimeDirectory,
    allowedCommands: config.allowedCommands,
    owner: () => owner ?? null,
    idleLimitMs: config.terminalIdleMs,
    hiddenPaths: config.certificate === undefined ? [] : [config.certificate.keyFile],
    projectRoots: config.projectRoots,
    onUnexpected: (error) => log.error({ err: error }, 'the machine reports a failure'),
  });
