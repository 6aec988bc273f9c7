/** Idle terminals, with a clock of the test's own. */
import { expect, test } from 'vitest';
import type { TerminalRecord } from './pty-hosts.types.ts';
import { startSweep } from './sweep.ts';

const minute = 60_000;

const makeSweep = () => {
  let time = 1_000_000;
  const told: string[] = [];
  const state = { viewers: 0, cpuMs: 0, isOpen: true };
  const record = { terminalId: 't_1', exit: null, lastActivityAt: new Date(0).toISOString() } as TerminalRecord;
  const sweep = startSweep(
    {
      candidates: () => (state.isOpen ? [record] : []),
      viewers: () => state.viewers,
      cpuTimes: async () => new Map([['t_1', state.cpuMs]]),
      warn: (_id, reason) => void told.push(`warn: ${reason}`),
      close: async (_id, reason) => {
        state.isOpen = false;
        told.push(`close: ${reason}`);
      },
    },
    { now: () => time, wallClock: () => time },
  );
  const pass = async (minutes: number, act: () => void = () => undefined): Promise<void> => {
    for (let index = 0; index < minutes; index += 1) {
      time += minute;
      act();
      await sweep.look();
    }
  };
  const touch = (): void => void (record.lastActivityAt = new Date(time).toISOString());
  return { sweep, pass, touch, told, state, record };
};

test('T25: after 25 idle minutes comes a warning, after 30 the end', async () => {
  const idle = makeSweep();
  await idle.pass(25);
  expect(idle.told).toEqual([]);
  await idle.pass(1);
  expect(idle.told).toEqual(['warn: will be closed for inactivity in 5 minutes']);
  await idle.pass(5);
  expect(idle.told.slice(1)).toEqual(['close: closed after 30 minutes of inactivity']);
  idle.sweep[Symbol.dispose]();
});

test.each([
  ['output or input', (idle: ReturnType<typeof makeSweep>) => idle.touch()],
  ['an attached viewer', (idle: ReturnType<typeof makeSweep>) => void (idle.state.viewers = 1)],
  ['CPU use of its processes', (idle: ReturnType<typeof makeSweep>) => void (idle.state.cpuMs += 500)],
])('T25: %s is activity', async (_what, act) => {
  const idle = makeSweep();
  await idle.pass(100, () => act(idle));
  expect(idle.told).toEqual([]);
  idle.state.viewers = 0;
  await idle.pass(32);
  expect(idle.told).toHaveLength(2);
  idle.sweep[Symbol.dispose]();
});

test('T25: activity after the warning starts over, with a warning of its own', async () => {
  const idle = makeSweep();
  await idle.pass(27);
  idle.touch();
  await idle.pass(25);
  expect(idle.told.filter((text) => text.startsWith('warn'))).toHaveLength(1);
  await idle.pass(6);
  expect(idle.told.filter((text) => text.startsWith('warn'))).toHaveLength(2);
  expect(idle.told.at(-1)).toMatch(/^close/);
  idle.sweep[Symbol.dispose]();
});

test('T25: a program that only waits, with a tick of CPU now and then, is idle', async () => {
  const idle = makeSweep();
  await idle.pass(31, () => void (idle.state.cpuMs += 10));
  expect(idle.told.at(-1)).toMatch(/^close/);
  idle.sweep[Symbol.dispose]();
});

test('T25: exited terminals are swept too, counted from their last activity also across a restart', async () => {
  const idle = makeSweep();
  idle.record.exit = { exitCode: 0, signal: null, at: new Date(1_000_000).toISOString(), kind: 'exited' };
  idle.record.lastActivityAt = new Date(1_000_000 - 20 * minute).toISOString();
  await idle.pass(9);
  expect(idle.told.at(-1)).toMatch(/^warn/);
  await idle.pass(2);
  expect(idle.told.at(-1)).toMatch(/^close/);
  idle.sweep[Symbol.dispose]();
});
