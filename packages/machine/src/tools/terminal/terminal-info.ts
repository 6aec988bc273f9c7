/** What clients are told of a terminal, made from its record. */
import type { TerminalInfo } from '@navisai/protocol';
import type { TerminalRecord } from '../../pty-hosts.types.ts';

export interface InfoFacts {
  nodeId: string;
  viewers: number;
  /** Wall-clock milliseconds. */
  now?: number;
}

export const terminalInfo = (
  record: TerminalRecord,
  { nodeId, viewers, now = Date.now() }: InfoFacts,
): TerminalInfo => {
  const { exit } = record;
  const endedAt = exit === null ? now : Date.parse(exit.at);
  return {
    id: record.terminalId,
    sessionId: record.sessionId,
    name: record.name,
    description: record.description,
    command: record.command,
    workingDirectory: record.workingDirectory,
    nodeId,
    status: exit === null ? 'busy' : 'idle',
    background: record.background,
    keepAlive: record.keepAlive,
    pid: record.pid,
    startedAt: record.startedAt,
    uptime: Math.max(0, Math.round((endedAt - Date.parse(record.startedAt)) / 100) / 10),
    lastActivityAt: record.lastActivityAt,
    exitCode: exit?.exitCode ?? null,
    signal: exit?.signal ?? null,
    exitedAt: exit?.at ?? null,
    reason: exit?.reason ?? null,
    columns: record.columns,
    rows: record.rows,
    title: record.title,
    firstOffset: record.firstOffset,
    endOffset: record.endOffset,
    controller: null,
    viewers,
  };
};

/** Such as `busy` or `idle (exit code 1)`. */
export const statusInWords = ({ status, exitCode, signal, reason }: TerminalInfo): string => {
  if (status === 'busy') return 'busy';
  const how = reason ?? (signal === null ? `exit code ${exitCode ?? 'unknown'}` : `ended by ${signal}`);
  return `idle (${how})`;
};

/** Such as `42 s`, `3 min 5 s` or `2 h 1 min`. */
export const durationInWords = (seconds: number): string => {
  const whole = Math.floor(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
};
