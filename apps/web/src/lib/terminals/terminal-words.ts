/** A terminal's state in words: running, ended and how, lost and why (T20). */
import type { TerminalInfo } from '@navisai/protocol';
import { formatDuration } from '../time/durations.ts';

export type TerminalTone = 'running' | 'ended' | 'failed' | 'away';

export interface TerminalWords {
  tone: TerminalTone;
  /** `Running`, `Node offline`, `Exited 0`, `Exited 3`, `Ended by SIGKILL`, `Lost`. */
  label: string;
  /** A whole sentence for banners; absent while running. */
  detail?: string;
}

type Facts = Pick<TerminalInfo, 'status' | 'exitCode' | 'signal' | 'reason' | 'reachable'>;

export const describeTerminal = ({ status, exitCode, signal, reason, reachable }: Facts): TerminalWords => {
  if (status === 'busy' && reachable === false)
    return {
      tone: 'away',
      label: 'Node offline',
      detail: 'Its node is not connected. The program goes on there; this is what was last known.',
    };
  if (status === 'busy') return { tone: 'running', label: 'Running' };
  if (reason !== null) return { tone: 'failed', label: 'Lost', detail: `This terminal is gone: ${reason}.` };
  if (signal !== null) {
    return { tone: 'failed', label: `Ended by ${signal}`, detail: `The program was ended by the signal ${signal}.` };
  }
  if (exitCode === 0)
    return { tone: 'ended', label: 'Exited 0', detail: 'The program ended without an error (exit code 0).' };
  const code = exitCode ?? 'unknown';
  return { tone: 'failed', label: `Exited ${code}`, detail: `The program ended with exit code ${code}.` };
};

/** Seconds that the program ran; while it runs, up to now. */
export const uptimeOf = (terminal: Pick<TerminalInfo, 'startedAt' | 'exitedAt'>, now: number): number => {
  const end = terminal.exitedAt === null ? now : Date.parse(terminal.exitedAt);
  return Math.max(0, (end - Date.parse(terminal.startedAt)) / 1000);
};

export const describeUptime = (terminal: Pick<TerminalInfo, 'startedAt' | 'exitedAt'>, now: number): string =>
  formatDuration(uptimeOf(terminal, now));

/** Who is in control, from this device's point of view; `undefined` when nobody is. */
export const describeController = (controller: TerminalInfo['controller'], ownDeviceId: string): string | undefined => {
  if (controller === null) return undefined;
  return controller.deviceId === ownDeviceId ? 'This device' : controller.name;
};
