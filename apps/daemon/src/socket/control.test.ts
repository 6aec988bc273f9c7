/** Two people and a real terminal: control, size, calls, revocation (A8, T3, T22, I14). */
import { createSession, openTerminal, recordTerminal, startHub, until } from '@navisai/testkit';
import type { TestHub } from '@navisai/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';

let hub: TestHub;
beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub[Symbol.asyncDispose]());

const open = async (command: string) =>
  openTerminal(hub.host.api, { sessionId: await createSession(hub.host.api), name: 'work', command });

test('A8: control goes from one viewer to the other, with the size; the first is told and refused', async () => {
  const terminal = await open('bash --norc --noprofile -i');
  const [phone, desk] = await Promise.all([hub.pair({ scope: 'operator', name: 'phone' }), hub.connect()]);
  using first = recordTerminal(phone.connection.live(), terminal.id, { control: 'ifFree' });
  await until('the phone controls', () => first.view.state.isInControl);
  expect(first.view.resize({ columns: 61, rows: 17 })).toBe('sent');
  expect(first.view.input('stty size\r')).toBe('sent');
  await first.sees('17 61');
  using second = recordTerminal(desk.live(), terminal.id);
  await second.live();
  expect(second.view.state).toMatchObject({ isInControl: false, controller: { name: 'phone' } });
  expect(second.view.input('x')).toBe('notInControl');
  second.view.takeControl();
  await until('the desk controls', () => second.view.state.isInControl);
  await until('the phone is told', () => !first.view.state.isInControl);
  expect(first.view.input('x')).toBe('notInControl');
  second.view.resize({ columns: 100, rows: 30 });
  second.view.input('stty size\r');
  await first.sees('30 100');
  expect(first.view.state).toMatchObject({ columns: 100, rows: 30 });
});

test('T22: keys, control characters and pasted text reach the program as they are', async () => {
  const terminal = await open('cat -v');
  using recorder = recordTerminal((await hub.connect()).live(), terminal.id, { control: 'always' });
  await until('it is in control', () => recorder.view.state.isInControl);
  recorder.view.input('é漢🙂\x01\r');
  await recorder.sees('M-CM-)');
  recorder.view.input('\x03');
  expect(await recorder.exited()).toMatchObject({ signal: 'SIGINT' });
  expect(recorder.view.input('late')).toBe('exited');
});

test('T3: the output of a run comes while it goes on, then its end, then its result', async () => {
  const sessionId = await createSession(hub.host.api);
  const callId = 'call-streaming-1';
  const seen = { stdout: '', stderr: '', end: undefined as unknown };
  hub.host.live().followCall(
    { sessionId, callId },
    {
      onOutput: ({ stream, bytes }) => void (seen[stream] += Buffer.from(bytes).toString()),
      onEnd: (end) => (seen.end = end),
    },
  );
  const result = hub.host.api.callTool({
    params: { id: sessionId, tool: 'terminal' },
    body: {
      action: 'run',
      command: 'echo one; read -t 1 < /dev/zero; echo err >&2; sleep 0.5; echo two',
      call_id: callId,
    },
  });
  await until('the first output comes', () => seen.stdout === 'one\n');
  expect(seen.end).toBeUndefined();
  expect(await result).toMatchObject({ success: true });
  await until('the end comes', () => seen.end);
  expect(seen).toEqual({ stdout: 'one\ntwo\n', stderr: 'err\n', end: { exitCode: 0, signal: null } });
});

test(
  'I14: a revoked device is out within a second, in the middle of a stream, and says why',
  { retry: 2 },
  async () => {
    const terminal = await open('while :; do echo tick; sleep 0.01; done');
    const phone = await hub.pair({ scope: 'operator' });
    using recorder = recordTerminal(phone.connection.live(), terminal.id);
    await recorder.sees('tick');
    const revokedAt = performance.now();
    await hub.host.api.revokeDevice({ params: { id: phone.device.id } });
    await until('it is refused', () => phone.connection.live().state.kind === 'refused');
    expect(performance.now() - revokedAt).toBeLessThan(1_000);
  },
);

test('I12: a hub that stops says so, and its viewers come back when it does', async () => {
  const terminal = await open('cat');
  const client = await hub.connect();
  const statuses: string[] = [];
  client.live().followHub({
    onEvent: (event) => {
      if (event.type === 'daemon.status') statuses.push(event.data.status);
    },
  });
  using recorder = recordTerminal(client.live(), terminal.id, { control: 'always' });
  await until('it is in control', () => recorder.view.state.isInControl);
  recorder.view.input('before\r');
  await recorder.sees('before\r\nbefore\r\n');
  await hub.stopKeeping();
  await until('the end is told', () => statuses.includes('stopping'));
  await hub.start();
  await until('it is in control again', () => recorder.view.state.isInControl);
  recorder.view.input('after\r');
  await recorder.sees('after\r\nafter\r\n');
  expect(recorder.bytes.toString()).toBe('before\r\nbefore\r\nafter\r\nafter\r\n');
});
