/** Ends the terminals and commands that a dead node left behind. */
import { lockNode } from './node-lock.ts';
import { openMachine } from './open-machine.ts';
import { openNodeFolder } from '../settings/node-folder.ts';
import type { Settings } from '../settings/settings.ts';
import { readMembership } from '../join/membership.ts';

/** Rejects NavisError CONFLICT while a node runs: it must be stopped first. */
export const endHosts = async (settings: Settings): Promise<void> => {
  const folder = openNodeFolder(settings.home);
  using _lock = lockNode(folder.lockFile);
  const nodeId = readMembership(folder.membershipFile)?.nodeId ?? settings.key?.reveal().nodeId ?? 'node';
  await using machine = openMachine({ settings, nodeId, onUnexpected: () => undefined });
  await machine.start();
  await machine.shutdown();
};
