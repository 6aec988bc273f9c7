/** What the page says about its connection: one honest state folded from the link, the network and the hub's status. */
import type { LinkState } from '@navisai/client';
import type { HubStatus } from '@navisai/protocol';
import { formatClock, formatDuration } from '../time/durations.ts';

export type ConnectionView =
  | { kind: 'connecting' }
  | { kind: 'connected' }
  | { kind: 'reconnecting'; since: number; attempt: number; nextAttemptAt: number }
  /** The device itself has no network. */
  | { kind: 'offline'; since: number | undefined }
  | { kind: 'degraded'; problems: HubStatus['problems'] }
  | { kind: 'stopping' }
  | { kind: 'revoked' }
  | { kind: 'refused'; message: string }
  | { kind: 'closed' };

export interface ConnectionFacts {
  link: LinkState;
  isNetworkUp: boolean;
  status: HubStatus | null;
  /** What the hub tells everybody while it lets nobody connect. */
  publicStatus?: HubStatus | undefined;
}

export const viewConnection = ({ link, isNetworkUp, status, publicStatus }: ConnectionFacts): ConnectionView => {
  switch (link.kind) {
    case 'refused':
      return isRevoked(link.code) ? { kind: 'revoked' } : { kind: 'refused', message: link.message };
    case 'closed':
      return { kind: 'closed' };
    case 'reconnecting':
      if (publicStatus?.status === 'degraded') return { kind: 'degraded', problems: publicStatus.problems };
      return isNetworkUp
        ? { kind: 'reconnecting', since: link.since, attempt: link.attempt, nextAttemptAt: link.nextAttemptAt }
        : { kind: 'offline', since: link.since };
    case 'connecting':
      return isNetworkUp ? { kind: 'connecting' } : { kind: 'offline', since: undefined };
    case 'connected':
      if (status?.status === 'degraded') return { kind: 'degraded', problems: status.problems };
      return { kind: status?.status === 'stopping' ? 'stopping' : 'connected' };
  }
};

const isRevoked = (code: string): boolean => code === 'UNAUTHORIZED' || code === 'FORBIDDEN';

export type Tone = 'good' | 'calm' | 'warn' | 'bad';

export interface ConnectionWords {
  tone: Tone;
  /** One or two words for a pill. */
  label: string;
  /** A sentence for a banner; absent when there is nothing to say. */
  detail?: string;
}

/** `now` is the local clock, as in the view. */
export const describeConnection = (view: ConnectionView, now: number): ConnectionWords => {
  switch (view.kind) {
    case 'connected':
      return { tone: 'good', label: 'Connected' };
    case 'connecting':
      return { tone: 'calm', label: 'Connecting' };
    case 'reconnecting':
      return { tone: 'warn', label: 'Reconnecting', detail: describeReconnecting(view, now) };
    case 'offline':
      return {
        tone: 'warn',
        label: 'Offline',
        detail: `This device has no network${view.since === undefined ? '' : ` since ${formatClock(view.since)}`}. What you see may be out of date; your terminals keep running on the hub.`,
      };
    case 'degraded':
      return { tone: 'bad', label: 'Degraded', detail: 'The hub answers, but part of it does not work.' };
    case 'stopping':
      return { tone: 'warn', label: 'Stopping', detail: 'The hub is shutting down.' };
    case 'revoked':
      return { tone: 'bad', label: 'Revoked', detail: 'This device is no longer paired with the hub.' };
    case 'refused':
      return { tone: 'bad', label: 'Refused', detail: view.message };
    case 'closed':
      return { tone: 'calm', label: 'Closed' };
  }
};

const describeReconnecting = (view: { since: number; nextAttemptAt: number }, now: number): string => {
  const waitSeconds = Math.ceil((view.nextAttemptAt - now) / 1000);
  const next = waitSeconds > 1 ? ` Next attempt in ${waitSeconds} s.` : '';
  return `Reconnecting since ${formatClock(view.since)} (${formatDuration((now - view.since) / 1000)}). Your terminals keep running.${next}`;
};
