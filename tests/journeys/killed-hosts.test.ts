/** kill -9 of every process of Navis: what dies with it, what goes on, what is told, and that nothing runs twice (T7, T18, N7). */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Api } from '@navisai/client';
import { newId, type ToolResult } from '@navisai/protocol';
import { createSession, openTerminal, startHub, type TestHub, until } from '@navisai/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hostsOf, isAlive, parentOf, pidsWith } from './processes.fixture.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub[Symbol.asyncDispose]());

const callTool = (api: Api, sessionId: string, body: Record<string, unknown>): Promise<ToolResult> =>
  api.callTool({ params: { id: sessionId, tool: 'terminal' }, body });
const kill = (pid: number): boolean => process.kill(pid, 'SIGKILL');

/** A program with children of every kind: in its session, in one of their own, forgotten by their parents. */
const familyOf = (seconds: number, { ignores = '' } = {}): string =>
  `trap '' HUP ${ignores}; sleep ${seconds} & setsid sleep ${seconds} & (setsid nohup sleep ${seconds} >/dev/null 2>&1 &); sleep ${seconds}`;
const familySize = 4;

const isOutputKept = (home: string, callId: string): boolean => {
  const files = readdirSync(join(home, 'calls')).filter((name) => name.startsWith(callId) && !name.endsWith('.json'));
  return files.some((name) => statSync(join(home, 'calls', name)).size > 0);
};

test('T18: kill -9 of the pty-host ends its terminals with all of their processes, and the hub says so and goes on', async () => {
  const { api } = hub.host;
  const sessionId = await createSession(api);
  const first = await openTerminal(api, { sessionId, name: 'first', command: familyOf(98701, { ignores: 'TERM' }) });
  const second = await openTerminal(api, { sessionId, name: 'second', command: familyOf(98702) });
  for (const mark of ['98701', '98702'])
    await until('the whole family runs', async () => (await pidsWith(hub.mark, `sleep ${mark}`)).length === familySize);
  const host = await parentOf(first.pid);
  expect(await parentOf(second.pid)).toBe(host);
  kill(host);
  const lost = await until('both are told as lost', async () => {
    const { terminals } = await api.session({ params: { id: sessionId } });
    return terminals.every(({ status }) => status === 'idle') ? terminals : undefined;
  });
  expect(lost).toMatchObject(
    ['first', 'second'].map((name) => ({ name, exitCode: null, signal: null, reason: 'lost (terminal host ended)' })),
  );
  await until('nothing of them runs', async () => (await pidsWith(hub.mark, 'sleep 987')).length === 0);
  const { events } = await api.sessionEvents({ params: { id: sessionId } });
  expect(events.map(({ data }) => (data as { change: string }).change).slice(-2)).toEqual([
    'terminal.exited',
    'terminal.exited',
  ]);
  const input = { action: 'send_input', terminal_name: 'first', input: 'x\n' };
  expect(await callTool(api, sessionId, input)).toMatchObject({ success: false, error: { code: 'TERMINAL_EXITED' } });
  const third = await openTerminal(api, { sessionId, name: 'third', command: 'echo back-$((6*7)); exec cat' });
  const status = { action: 'status', terminal_name: 'third', wait_for: { pattern: 'back-42' } };
  expect(await callTool(api, sessionId, status)).toMatchObject({ success: true });
  expect(await parentOf(third.pid)).not.toBe(host);
  expect(await callTool(api, sessionId, { action: 'close', terminal_name: 'first' })).toMatchObject({ success: true });
});

test('T18: kill -9 of the pty-host while the hub is dead as well: told and cleaned up at the next start', async () => {
  const { api } = hub.host;
  const sessionId = await createSession(api);
  const terminal = await openTerminal(api, { sessionId, name: 'first', command: familyOf(98703) });
  await until('the family runs', async () => (await pidsWith(hub.mark, 'sleep 98703')).length === familySize);
  const host = await parentOf(terminal.pid);
  await hub.kill();
  kill(host);
  await hub.start();
  const { terminals } = await api.session({ params: { id: sessionId } });
  expect(terminals).toMatchObject([{ name: 'first', status: 'idle', reason: 'lost (terminal host ended)' }]);
  await until('nothing of it runs', async () => (await pidsWith(hub.mark, 'sleep 98703')).length === 0);
});

test('T18: kill -9 of the hub that launched the pty-host leaves host and terminals alone, again and again', async () => {
  const { api } = hub.host;
  const sessionId = await createSession(api);
  const terminal = await openTerminal(api, { sessionId, name: 'cat', command: 'exec cat' });
  const host = await parentOf(terminal.pid);
  for (const word of ['one', 'two', 'three']) {
    await hub.kill();
    expect(await isAlive(host)).toBe(true);
    await hub.start();
    // The echo of the terminal, and what the program says.
    const both = { pattern: `${word}\n${word}` };
    const input = { action: 'send_input', terminal_name: 'cat', input: `${word}\n`, wait_for: both };
    expect(await callTool(api, sessionId, input)).toMatchObject({ success: true });
  }
  expect(await parentOf(terminal.pid)).toBe(host);
  const status = await callTool(api, sessionId, { action: 'status', terminal_name: 'cat' });
  expect(status.metadata).toMatchObject({ lines: ['one', 'one', 'two', 'two', 'three', 'three'] });
});

test('N7: kill -9 of the run-host answers INTERRUPTED, ends what the call started, and the same call_id never runs it again', async () => {
  const { api } = hub.host;
  const sessionId = await createSession(api);
  const log = join(hub.userHome, 'runs');
  const body = {
    action: 'run',
    call_id: newId('call'),
    timeout: 60,
    command: `echo begun | tee -a '${log}'; ${familyOf(98704)}`,
  };
  const running = callTool(api, sessionId, body);
  await until('the family runs', async () => (await pidsWith(hub.mark, 'sleep 98704')).length === familySize);
  const { runHosts } = await hostsOf(hub.home);
  expect(runHosts).toHaveLength(1);
  await until('its output is on disk', () => isOutputKept(hub.home, body.call_id));
  for (const pid of runHosts) kill(pid);
  expect(await running).toMatchObject({ success: false, error: { code: 'INTERRUPTED' }, output: 'begun\n' });
  await until('nothing of it runs', async () => (await pidsWith(hub.mark, 'sleep 98704')).length === 0);
  expect(await callTool(api, sessionId, body)).toMatchObject({ error: { code: 'INTERRUPTED' } });
  await hub.kill();
  await hub.start();
  expect(await callTool(api, sessionId, body)).toMatchObject({ error: { code: 'INTERRUPTED' } });
  expect(readFileSync(log, 'utf8')).toBe('begun\n');
  expect(await callTool(api, sessionId, { action: 'run', command: 'echo on' })).toMatchObject({ output: 'on\n' });
});

test('N7: hub and run-host killed together: the next hub answers INTERRUPTED and cleans up', async () => {
  const { api } = hub.host;
  const sessionId = await createSession(api);
  const body = { action: 'run', call_id: newId('call'), timeout: 60, command: familyOf(98705) };
  const running = callTool(api, sessionId, body).catch((error: unknown) => error);
  await until('the family runs', async () => (await pidsWith(hub.mark, 'sleep 98705')).length === familySize);
  const { runHosts } = await hostsOf(hub.home);
  expect(runHosts).toHaveLength(1);
  await hub.kill();
  for (const pid of runHosts) kill(pid);
  expect(await running).toMatchObject({ code: 'HUB_UNREACHABLE' });
  await hub.start();
  await until('nothing of it runs', async () => (await pidsWith(hub.mark, 'sleep 98705')).length === 0);
  expect(await callTool(api, sessionId, body)).toMatchObject({ success: false, error: { code: 'INTERRUPTED' } });
});

test('T18: a one-shot run that ends while the hub is down is found by its call_id, with its whole result, and not run again', async () => {
  const { api } = hub.host;
  const sessionId = await createSession(api);
  const [go, log] = [join(hub.userHome, 'go'), join(hub.userHome, 'whole-runs')];
  const body = {
    action: 'run',
    call_id: newId('call'),
    timeout: 60,
    command: `echo ran >> '${log}'; until [ -e '${go}' ]; do sleep 0.02; done; seq 1 3000; echo ERR >&2; exit 3`,
  };
  const lost = callTool(api, sessionId, body).catch((error: unknown) => error);
  await until('it runs', async () => (await pidsWith(hub.mark, log)).length > 0);
  await hub.kill();
  expect(await lost).toMatchObject({ code: 'HUB_UNREACHABLE' });
  writeFileSync(go, '');
  await until('it has ended', async () => (await pidsWith(hub.mark, log)).length === 0);
  await hub.start();
  const numbers = Array.from({ length: 3000 }, (_, index) => `${index + 1}\n`).join('');
  const whole = {
    success: false,
    output: `${numbers}[stderr]\nERR\n`,
    metadata: { exit_code: 3, call_id: body.call_id },
  };
  expect(await callTool(api, sessionId, body)).toMatchObject(whole);
  expect(await callTool(api, sessionId, body)).toMatchObject(whole);
  const { bytes } = await api.output({ params: { id: sessionId, callId: body.call_id }, query: { from: 0 } });
  expect(Buffer.from(bytes).toString()).toContain('2999\n3000\n');
  expect(readFileSync(log, 'utf8')).toBe('ran\n');
});
