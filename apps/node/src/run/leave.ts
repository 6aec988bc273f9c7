/** `leave`: this machine is no node any more. What a person wrote (`policy.json`, `.env`) stays. */
import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { NavisError } from '@navisai/protocol';
import { readMembership } from '../join/membership.ts';
import type { Settings } from '../settings/settings.ts';
import { endHosts } from './end-hosts.ts';
import { findRunningNode, isAlive } from './running-file.ts';

const stopDeadlineMs = 10_000;
const pollMs = 50;

export const leave = async (settings: Settings, say: (text: string) => void): Promise<number> => {
  const { folder } = settings;
  const membership = membershipIfReadable(folder.membershipFile);
  // First: a service manager that starts it again meanwhile finds nothing to join with.
  rmSync(folder.membershipFile, { force: true });
  await stopRunning(folder.runningFile);
  await endHosts(settings);
  for (const path of [folder.membershipFile, folder.keyFile, folder.machine])
    rmSync(path, { recursive: true, force: true });
  if (membership === undefined) say('This machine had not joined a hub; nothing is left of it now.');
  else
    say(
      `This machine is not the node ${membership.name} of ${membership.hubUrl} any more. At the hub: navisai nodes remove ${membership.name}`,
    );
  return 0;
};

/** Leaving must be possible with a damaged file, too. */
const membershipIfReadable = (path: string): ReturnType<typeof readMembership> => {
  try {
    return readMembership(path);
  } catch {
    return undefined;
  }
};

const stopRunning = async (runningFile: string): Promise<void> => {
  const running = findRunningNode(runningFile);
  if (running === undefined) return;
  process.kill(running.pid, 'SIGTERM');
  const end = performance.now() + stopDeadlineMs;
  while (isAlive(running)) {
    if (performance.now() > end)
      throw new NavisError('CONFLICT', `The node (PID ${running.pid}) does not end. Nothing more was done.`);
    await delay(pollMs);
  }
};
