/** `status`: what the node of this home says of itself. */
import { readMembership } from '../join/membership.ts';
import type { Settings } from '../settings/settings.ts';
import { findRunningNode } from './running-file.ts';

const exitCodes = { connected: 0, notConnected: 3, notJoined: 5 } as const;

/** Answers with the exit code: 0 connected, 3 not connected, 5 not joined. */
export const tellStatus = ({ folder }: Settings, { json, say }: { json: boolean; say(text: string): void }): number => {
  const membership = readMembership(folder.membershipFile);
  const running = findRunningNode(folder.runningFile);
  // What is only for the next start is nobody's business.
  if (json) say(JSON.stringify({ running: running ?? null, membership: membership ?? null }, withoutSecrets));
  else
    say(describe({ name: running?.name ?? membership?.name, hubUrl: running?.hubUrl ?? membership?.hubUrl }, running));
  if (running?.state === 'connected') return exitCodes.connected;
  return running === undefined && membership === undefined ? exitCodes.notJoined : exitCodes.notConnected;
};

const withoutSecrets = (key: string, value: unknown): unknown => (key === 'usedSecret' ? undefined : value);

const describe = (
  { name, hubUrl }: { name?: string | null | undefined; hubUrl?: string | undefined },
  running: ReturnType<typeof findRunningNode>,
): string => {
  if (hubUrl === undefined) return 'This machine has not joined a hub.';
  const who = `Node ${name ?? '(not joined yet)'}`;
  if (running === undefined) return `${who} of ${hubUrl} does not run.`;
  if (running.state === 'connected')
    return `${who} is connected to ${hubUrl} since ${running.since} (PID ${running.pid}).`;
  return `${who} is not connected to ${hubUrl}: ${running.reason ?? 'connecting'} (PID ${running.pid}).`;
};
