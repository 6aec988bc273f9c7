/** What people watch, across kill -9 of the hub and of those who look: every byte once, in order, to the last (T17, T18). */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSession, openTerminal, readHistory, recordTerminal, startHub, until } from '@navisai/testkit';
import type { TestHub } from '@navisai/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cliJson, openWindow } from './cli-process.fixture.ts';
import { openSocket } from './wire.fixture.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub[Symbol.asyncDispose]());

/** Seconds where nobody else wants the processor. */
const floodMs = 120_000;

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** A program that goes on for seconds, and what a terminal gets to see of it. */
const flood = (rounds: number): { command: string; expected: Buffer } => {
  const linesPerRound = 4000;
  const text = 'äöü € 日本 the quick brown fox jumps over the lazy dog';
  const command = `for round in $(seq 0 ${rounds - 1}); do
    seq -f "%.0f ${text}" $((round * ${linesPerRound} + 1)) $(((round + 1) * ${linesPerRound})); sleep 0.1; done; echo 'the end'`;
  const lines = Array.from({ length: rounds * linesPerRound }, (_, index) => `${index + 1} ${text}\r\n`);
  return { command, expected: Buffer.from(`${lines.join('')}the end\r\n`) };
};

test(
  'three-lines-live (T17): lines printed a second apart arrive a second apart, over HTTP and a plain WebSocket',
  { retry: 2 },
  async () => {
    const { api } = hub.host;
    const sessionId = await createSession(api);
    await using socket = await openSocket(hub);
    const arrivals: { line: string; at: number }[] = [];
    // Nothing is printed before somebody looks.
    const go = join(hub.userHome, `go-${sessionId}`);
    const { id } = await openTerminal(api, {
      sessionId,
      name: 'three',
      command: `until [ -e '${go}' ]; do sleep 0.02; done; for n in 1 2 3; do echo "line $n"; sleep 1; done; exit 5`,
    });
    socket.onEvent((event) => {
      if (event.type !== 'terminal.output') return;
      for (const line of event.data.text.split('\r\n').filter(Boolean)) arrivals.push({ line, at: performance.now() });
    });
    socket.send({ type: 'subscribe', data: { id: 'view', to: { kind: 'terminal', terminalId: id, from: 0 } } });
    await socket.event('subscribed');
    writeFileSync(go, '');
    const exit = await socket.event('terminal.exit');
    expect(exit.data).toMatchObject({ terminalId: id, exitCode: 5 });
    expect(arrivals.map(({ line }) => line)).toEqual(['line 1', 'line 2', 'line 3']);
    const [first, second, third] = arrivals.map(({ at }) => at);
    for (const gap of [(second ?? 0) - (first ?? 0), (third ?? 0) - (second ?? 0)]) {
      expect(gap).toBeGreaterThan(600);
      expect(gap).toBeLessThan(2500);
    }
    const outputs = socket.events.filter((event) => event.type === 'terminal.output');
    let next = 0;
    for (const event of outputs) {
      expect(event).toMatchObject({ sessionId, timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string });
      expect(event.data.offset).toBe(next);
      next = event.data.nextOffset;
    }
    expect(next).toBe(Buffer.byteLength('line 1\r\nline 2\r\nline 3\r\n'));
  },
);

test('kill-and-resume (T18): the hub is killed three times in the middle of a flood; viewer and history are the program to the byte', async () => {
  const { command, expected } = flood(40);
  const { api } = hub.host;
  const terminal = await openTerminal(api, { sessionId: await createSession(api), name: 'flood', command });
  const client = await hub.connect();
  using recorder = recordTerminal(client.live(), terminal.id);
  for (const share of [0.1, 0.3, 0.5]) {
    await until('more of it is seen', () => recorder.bytes.length > expected.length * share, floodMs);
    await hub.kill();
    await hub.start();
    const { terminals } = await api.session({ params: { id: terminal.sessionId } });
    expect(terminals).toMatchObject([{ id: terminal.id, pid: terminal.pid }]);
  }
  expect(await recorder.exited(floodMs)).toMatchObject({ exitCode: 0, signal: null });
  expect(recorder.bytes.length).toBe(expected.length);
  expect(digest(recorder.bytes)).toBe(digest(expected));
  expect(digest(await readHistory(api, terminal))).toBe(digest(expected));
});

test('kill-and-resume (T17): a viewer killed in the middle of a stream takes nothing from the terminal or the others', async () => {
  const { command, expected } = flood(25);
  await cliJson(hub, ['terminal', 'open', 'watched', '--', command]);
  const { terminals } = await cliJson<{ terminals: { id: string; sessionId: string; name: string }[] }>(hub, [
    'terminal',
    'list',
  ]);
  const terminal = terminals.find(({ name }) => name === 'watched') ?? { id: '', sessionId: '' };
  const client = await hub.connect();
  using other = recordTerminal(client.live(), terminal.id);
  await using window = openWindow(hub, ['attach', 'watched']);
  await window.shows(/the quick brown fox/);
  process.kill(window.pid, 'SIGKILL');
  await window.ended();
  const viewers = async () =>
    (await hub.host.api.session({ params: { id: terminal.sessionId } })).terminals[0]?.viewers;
  await until('the hub has noticed', async () => (await viewers()) === 1);
  expect(await other.exited(floodMs)).toMatchObject({ exitCode: 0 });
  expect(digest(other.bytes)).toBe(digest(expected));
  await using again = openWindow(hub, ['attach', 'watched']);
  await again.shows('the end');
  expect(await again.ended()).toBe(0);
});
