/** Behaviour of a terminal's state in words. */
import { expect, test } from 'vitest';
import { describeController, describeTerminal, uptimeOf } from './terminal-words.ts';

const running = { status: 'busy', exitCode: null, signal: null, reason: null } as const;

test('T20: busy means running, idle tells how the program ended', () => {
  expect(describeTerminal(running).label).toBe('Running');
  expect(describeTerminal({ ...running, status: 'idle', exitCode: 0 })).toMatchObject({
    tone: 'ended',
    label: 'Exited 0',
  });
  expect(describeTerminal({ ...running, status: 'idle', exitCode: 3 })).toMatchObject({
    tone: 'failed',
    label: 'Exited 3',
  });
  expect(describeTerminal({ ...running, status: 'idle', signal: 'SIGKILL' }).label).toBe('Ended by SIGKILL');
});

test('T18: a program on a node that is away is not told as running, and not as ended', () => {
  expect(describeTerminal({ ...running, reachable: false })).toMatchObject({ tone: 'away', label: 'Node offline' });
  const exited = { ...running, status: 'idle', exitCode: 0, reachable: false } as const;
  expect(describeTerminal(exited).label).toBe('Exited 0');
});

test('T18: a lost terminal says why', () => {
  const lost = describeTerminal({ ...running, status: 'idle', reason: 'lost (reboot)' });
  expect(lost).toMatchObject({ label: 'Lost', detail: 'This terminal is gone: lost (reboot).' });
});

test('T20: the uptime stands still after the exit and is never negative', () => {
  const startedAt = '2026-01-01T00:00:00.000Z';
  const now = Date.parse('2026-01-01T01:00:00.000Z');
  expect(uptimeOf({ startedAt, exitedAt: null }, now)).toBe(3600);
  expect(uptimeOf({ startedAt, exitedAt: '2026-01-01T00:00:05.000Z' }, now)).toBe(5);
  expect(uptimeOf({ startedAt, exitedAt: null }, 0)).toBe(0);
});

test('control is told from this device’s point of view', () => {
  const controller = { deviceId: 'd_1', name: 'Laptop', viewerId: 'v' };
  expect(describeController(controller, 'd_1')).toBe('This device');
  expect(describeController(controller, 'd_2')).toBe('Laptop');
  expect(describeController(null, 'd_2')).toBeUndefined();
});
