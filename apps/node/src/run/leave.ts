/** `leave`: this machine is no node any more. What a person wrote (`policy.json`, `.env`) stays. */
import { existsSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { NavisError } from '@navisai/protocol';
import { type Membership, readMembership } from '../join/membership.ts';
import { openNodeKey } from '../join/node-key.ts';
import { sayGoodbye } from '../link/say-goodbye.ts';
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
  const isKnown = membership !== undefined && (await tellHub(settings, membership));
  for (const path of [folder.membershipFile, folder.keyFile, folder.machine])
    rmSync(path, { recursive: true, force: true });
  if (membership === undefined) say('This machine had not joined a hub; nothing is left of it now.');
  else say(farewell(membership, isKnown));
  return 0;
};

const farewell = ({ name, hubUrl }: Membership, isKnown: boolean): string => {
  const left = `This machine is not the node ${name} of ${hubUrl} any more.`;
  if (isKnown)
    return `${left} The hub knows. There: navisai nodes remove ${name}, or navisai nodes rekey ${name} to let it join again.`;
  return `${left} The hub could not be told, and shows it as offline. There: navisai nodes remove ${name}`;
};

/** False where it cannot be told; leaving goes on all the same. */
const tellHub = async (settings: Settings, membership: Membership): Promise<boolean> => {
  try {
    if (!existsSync(settings.folder.keyFile)) return false;
    const keyPair = openNodeKey(settings.folder.keyFile);
    const { binding, hubUrl = membership.hubUrl } = settings;
    return await sayGoodbye({ membership, keyPair, binding, hubUrl });
  } catch {
    return false;
  }
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
