/** Logs and machine agree after every start, whatever happened in between (T18, T20, I8, I17). */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { SessionUpdate, TerminalInfo } from '@navisai/protocol';
import { expect, test } from 'vitest';
import { type HubBench, startHubBench, terminalOf } from '../hub-bench.fixture.ts';

const changesOf = async (bench: HubBench, sessionId: string): Promise<SessionUpdate[]> => {
  const { events } = await bench.hub.services.feed.read({ stream: sessionId, after: 0, limit: 100 });
  return events.map(({ event }) => event.data as SessionUpdate);
};

const namesOf = async (bench: HubBench, sessionId: string): Promise<string[]> =>
  (await changesOf(bench, sessionId)).map(({ change }) => change);

/** A hub that has told of one terminal, stopped. */
const newHistory = async (bench: HubBench): Promise<TerminalInfo> => {
  const { body } = await bench.call('POST', '/sessions', {});
  const terminal = terminalOf(String(body.id));
  bench.machine.emit({ type: 'terminal.opened', terminal });
  await expect.poll(() => namesOf(bench, terminal.sessionId)).toContain('terminal.opened');
  await bench.hub.stop({ keep: true });
  return terminal;
};

const exited = (terminal: TerminalInfo): TerminalInfo => ({
  ...terminal,
  status: 'idle',
  exitCode: 7,
  exitedAt: new Date().toISOString(),
});

test('T18: a terminal that goes on is not told again', async () => {
  await using first = await startHubBench();
  const terminal = await newHistory(first);
  await using second = await startHubBench({ home: first.home, terminals: [terminal] });
  expect((await second.call('GET', `/sessions/${terminal.sessionId}`)).body.terminals).toHaveLength(1);
  await second.hub.stop({ keep: true });
  await using third = await startHubBench({ home: first.home, terminals: [exited(terminal)] });
  await expect
    .poll(() => namesOf(third, terminal.sessionId))
    .toEqual(['created', 'terminal.opened', 'terminal.exited']);
});

test('T20: an exit that the machine tells as well is written once', async () => {
  await using bench = await startHubBench();
  const { body } = await bench.call('POST', '/sessions', {});
  const terminal = terminalOf(String(body.id));
  const exit = { exitCode: 7, signal: null, at: terminal.startedAt, kind: 'exited' as const };
  bench.machine.emit({ type: 'terminal.opened', terminal });
  for (let times = 0; times < 2; times += 1) {
    bench.machine.emit({ type: 'terminal.exited', terminal: exited(terminal), exit });
    bench.machine.emit({ type: 'terminal.opened', terminal });
  }
  bench.machine.emit({ type: 'terminal.closed', terminal, reason: 'closed' });
  bench.machine.emit({ type: 'terminal.closed', terminal, reason: 'closed' });
  const expected = ['created', 'terminal.opened', 'terminal.exited', 'terminal.closed'];
  await expect.poll(() => namesOf(bench, terminal.sessionId)).toEqual(expected);
});

test('I8: a terminal whose row was lost with the hub gets it at the next start', async () => {
  await using first = await startHubBench();
  const { body } = await first.call('POST', '/sessions', {});
  const sessionId = String(body.id);
  await first.hub.stop({ keep: true });
  await using second = await startHubBench({ home: first.home, terminals: [terminalOf(sessionId)] });
  await expect.poll(() => namesOf(second, sessionId)).toEqual(['created', 'terminal.opened']);
});

test('I8: a terminal that is gone after a start is told as closed, with the reason', async () => {
  await using first = await startHubBench();
  const terminal = await newHistory(first);
  await using second = await startHubBench({ home: first.home });
  await expect.poll(() => namesOf(second, terminal.sessionId)).toContain('terminal.closed');
  expect((await changesOf(second, terminal.sessionId)).at(-1)).toMatchObject({
    reason: 'closed while the hub was away',
    terminal: { id: terminal.id },
  });
});

test('I17: terminals of a store that was lost get their session back', async () => {
  await using first = await startHubBench();
  const terminal = await newHistory(first);
  rmSync(join(first.home, 'store'), { recursive: true });
  await using second = await startHubBench({ home: first.home, terminals: [terminal] });
  const { status, body } = await second.call('GET', `/sessions/${terminal.sessionId}`);
  expect({ status, body }).toMatchObject({
    status: 200,
    body: { title: 'Recovered terminals', terminals: [{ id: terminal.id }] },
  });
});

test('I7: terminals of a session that was closed just before a crash are ended at the next start', async () => {
  await using first = await startHubBench();
  const { body } = await first.call('POST', '/sessions', {});
  const terminal = terminalOf(String(body.id));
  await first.call('DELETE', `/sessions/${terminal.sessionId}`);
  await first.hub.stop({ keep: true });
  await using second = await startHubBench({ home: first.home, terminals: [terminal] });
  expect(second.machine.closedSessions).toEqual([terminal.sessionId]);
});
