/** Behaviour of notices on the home page. */
import type { HomeNotice } from '@navisai/client';
import { expect, test } from 'vitest';
import { summarise } from './summary.ts';
import { worthTelling } from './worth-telling.ts';

const now = Date.parse('2026-01-01T12:00:00.000Z');
const notice = (change: HomeNotice['change'], reason: string, minutesAgo: number): HomeNotice => ({
  sessionId: 's_1',
  terminalId: 't_1',
  terminalName: 'web',
  change,
  reason,
  timestamp: new Date(now - minutesAgo * 60_000).toISOString(),
});
const told = (notices: HomeNotice[], openIds: string[] = ['t_1']) =>
  worthTelling(notices, { now, openIds: new Set(openIds) }).map(({ reason }) => reason);

test('T25: a terminal that was closed for being idle is told, one that somebody closed is not', () => {
  const idle = notice('terminal.closed', 'closed after 30 minutes of inactivity', 10);
  expect(told([notice('terminal.closed', 'closed', 5), idle], [])).toEqual([idle.reason]);
});

test('T25: a warning is shown while it matters', () => {
  const warning = notice('terminal.idle_warning', 'idle for 25 minutes', 2);
  expect(told([warning])).toEqual([warning.reason]);
  expect(told([warning], [])).toEqual([]);
  expect(told([notice('terminal.idle_warning', 'old', 30)])).toEqual([]);
});

test('T20: the summary counts by outcome', () => {
  const terminal = (status: string, exitCode: number | null) => ({ status, exitCode, signal: null, reason: null });
  const sessions = [
    { terminals: [terminal('busy', null), terminal('busy', null), terminal('idle', 0), terminal('idle', 2)] },
  ];
  expect(summarise(sessions as unknown as Parameters<typeof summarise>[0])).toBe('2 running, 1 ended, 1 failed');
  expect(summarise([])).toBe('Nothing is running.');
});
