/** Viewers of real terminals on a real hub: what they see across floods, cuts and kill -9 is what the program wrote (T17, T18). */
import {
  createSession,
  openTerminal,
  readHistory,
  recordTerminal,
  startFaultProxy,
  startHub,
  until,
} from '@navisai/testkit';
import type { TestHub } from '@navisai/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';

let hub: TestHub;
beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub[Symbol.asyncDispose]());

const open = async (command: string, name = 'work') =>
  openTerminal(hub.host.api, { sessionId: await createSession(hub.host.api), name, command });

const countTo = (last: number, lineEnd = '\r\n'): string =>
  Array.from({ length: last }, (_, index) => `line ${index + 1}${lineEnd}`).join('');

test('T17: viewers that join at any moment of a stream see the same bytes, from the first to the last', async () => {
  const terminal = await open('for i in $(seq 1 3000); do echo "line $i"; done; sleep 0.2; echo end');
  const clients = await Promise.all(Array.from({ length: 5 }, () => hub.connect()));
  const recorders = [];
  for (const client of clients) {
    recorders.push(recordTerminal(client.live(), terminal.id));
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  for (const recorder of recorders) {
    expect(await recorder.exited()).toMatchObject({ exitCode: 0 });
    expect(recorder.bytes.toString()).toBe(`${countTo(3000)}end\r\n`);
  }
});

test('T18: kill -9 of the hub in the middle of a stream: the viewer resumes by itself, byte for byte', async () => {
  const terminal = await open('for i in $(seq 1 600); do echo "line $i"; sleep 0.005; done; sleep 60');
  const client = await hub.connect();
  using recorder = recordTerminal(client.live(), terminal.id);
  await recorder.sees('line 100\r\n');
  await hub.kill();
  await until('the loss is shown', () => client.live().state.kind === 'reconnecting');
  expect(recorder.view.input('lost?')).toBe('down');
  await hub.start();
  await recorder.sees('line 600\r\n', 20_000);
  expect(recorder.bytes.toString()).toBe(countTo(600));
  const after = await hub.host.api.session({ params: { id: terminal.sessionId } });
  expect(after.terminals[0]).toMatchObject({ pid: terminal.pid, status: 'busy' });
  expect((await readHistory(hub.host.api, terminal)).toString()).toBe(countTo(600));
});

test(
  'A2: after a cut the viewer is live again within 500 ms of the network, nothing lost or doubled',
  { retry: 2 },
  async () => {
    await using proxy = await startFaultProxy(hub.port);
    const client = await hub.connect({ origin: `https://127.0.0.1:${proxy.port}` });
    const terminal = await open('for i in $(seq 1 400); do echo "line $i"; sleep 0.005; done');
    using recorder = recordTerminal(client.live(), terminal.id);
    for (const line of ['line 40\r\n', 'line 120\r\n', 'line 200\r\n']) {
      await recorder.sees(line);
      proxy.setRefusing(true);
      proxy.cutAll();
      await until('the cut is noticed', () => client.live().state.kind === 'reconnecting');
      await new Promise((resolve) => setTimeout(resolve, 200));
      proxy.setRefusing(false);
      const backAt = performance.now();
      await recorder.live();
      expect(performance.now() - backAt).toBeLessThan(500);
    }
    await recorder.exited(20_000);
    expect(recorder.bytes.toString()).toBe(countTo(400));
  },
);

test('half-open: a stalled network is found out when the person looks, and the stream goes on', async () => {
  await using proxy = await startFaultProxy(hub.port);
  const client = await hub.connect({ origin: `https://127.0.0.1:${proxy.port}` });
  const terminal = await open('for i in $(seq 1 300); do echo "line $i"; sleep 0.005; done');
  using recorder = recordTerminal(client.live(), terminal.id);
  await recorder.sees('line 50\r\n');
  proxy.stall();
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  client.live().retryNow();
  await until('the stall is noticed', () => client.live().state.kind === 'reconnecting');
  proxy.cutAll();
  proxy.resume();
  await recorder.exited(20_000);
  expect(recorder.bytes.toString()).toBe(countTo(300));
});

test('T17: a slow viewer without screens gets every byte of a flood; a stalled one with screens is skipped ahead', async () => {
  const terminal = await open('head -c 6000000 /dev/zero | tr "\\0" x | fold -w 99; echo; echo the end; sleep 60');
  const [fastClient, slowClient, stalledClient] = await Promise.all([hub.connect(), hub.connect(), hub.connect()]);
  using fast = recordTerminal(fastClient.live(), terminal.id);
  using slow = recordTerminal(slowClient.live(), terminal.id, {
    consume: () => new Promise((resolve) => setTimeout(resolve, 2)),
  });
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  using stalled = recordTerminal(stalledClient.live(), terminal.id, { snapshot: true, consume: () => held });
  await fast.sees('the end', 30_000);
  await slow.sees('the end', 30_000);
  expect(slow.bytes.equals(fast.bytes)).toBe(true);
  release();
  await stalled.sees('the end', 30_000);
  expect(stalled.failure).toBeUndefined();
});

test('T17: a viewer without screens that stops reading a flood is closed by name and resumes from its offset', async () => {
  const terminal = await open('head -c 12000000 /dev/zero | tr "\\0" x | fold -w 99; echo; echo the end; sleep 60');
  const client = await hub.connect();
  const held = new Promise<void>(() => undefined);
  using deaf = recordTerminal(client.live(), terminal.id, { consume: () => held });
  await until('it is closed', () => deaf.view.state.phase === 'ended', 30_000);
  expect(deaf.view.state.error).toMatchObject({ code: 'VIEWER_OVERFLOW' });
  const seen = deaf.bytes;
  const history = await readHistory(hub.host.api, terminal);
  expect(history.subarray(0, seen.length).equals(seen)).toBe(true);
  using resumed = recordTerminal(client.live(), terminal.id, { from: seen.length });
  await resumed.sees('the end', 30_000);
  expect(Buffer.concat([seen, resumed.bytes]).equals(await readHistory(hub.host.api, terminal))).toBe(true);
});

test('T16, T17: ten terminals with ten viewers each, all printing at once', async () => {
  const sessionId = await createSession(hub.host.api);
  const command = 'for i in $(seq 1 400); do echo "line $i"; done; sleep 60';
  const names = Array.from({ length: 10 }, (_, index) => `many${index}`);
  const terminals = await Promise.all(names.map((name) => openTerminal(hub.host.api, { sessionId, name, command })));
  const clients = await Promise.all(names.map(() => hub.connect()));
  const recorders = clients.flatMap((client) => terminals.map(({ id }) => recordTerminal(client.live(), id)));
  for (const recorder of recorders) {
    await recorder.sees('line 400\r\n', 20_000);
    expect(recorder.bytes.toString()).toBe(countTo(400));
  }
  const { terminals: listed } = await hub.host.api.session({ params: { id: sessionId } });
  expect(listed.map(({ viewers }) => viewers)).toEqual(names.map(() => 10));
  for (const recorder of recorders) recorder[Symbol.dispose]();
});
