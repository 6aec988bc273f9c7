/** One node as it runs: its machine, the service over it, and the link to the hub. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { sandboxKind } from '@navisai/machine';
import { lockNode } from './node-lock.ts';
import { findCandidacy } from '../join/membership.ts';
import { openNodeKey } from '../join/node-key.ts';
import { openLog } from '../logging/node-log.ts';
import { openNodeFolder } from '../settings/node-folder.ts';
import type { Settings } from '../settings/settings.ts';
import { openMachine } from './open-machine.ts';
import { controlNode, type RunningNode } from './running-node.ts';
import { serveHub } from './serve-hub.ts';

export interface StartRequest {
  settings: Settings;
  /** A line for whoever looks at this terminal, or for the journal. */
  say(text: string): void;
}

/** Rejects NavisError when this node cannot serve: not joined, runs already, cannot enforce its ceiling. */
export const startNode = async (request: StartRequest): Promise<RunningNode> => {
  const { settings } = request;
  await using opened = new AsyncDisposableStack();
  const folder = openNodeFolder(settings.home);
  opened.use(lockNode(folder.lockFile));
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
  return controlNode({ ...fate, machine, log, hasJoined, opened: opened.move() });
};
