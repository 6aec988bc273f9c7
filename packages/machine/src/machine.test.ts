/** The machine across restarts, and what it does by itself. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { newId } from '@navisai/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { createMachine } from './create-machine.ts';
import { hostMarker } from './host/hub/launch-host.ts';
import type { CallOutputSink } from './machine.types.ts';
import { processesOf, unknownLeader } from './process-tree.ts';
import { makeLocalTarget, newMark, processesWith, until } from './tools/terminal-target.fixture.ts';

test('T18: terminals outlive the program: same PID, no byte lost, true exit code, same name and session', async () => {
  await using target = await makeLocalTarget();
  const session = target.session();
  const { metadata } = await session.open(
    'web',
    'for i in $(seq 1 200); do echo $i; sleep 0.01; done; read x; exit 5',
    { background: true },
  );
  const id = String(metadata['terminal_id']);
  await target.restart();
  await target.restart();
  const after = target.machine.terminal(id);
  expect(after).toMatchObject({
    pid: metadata['pid'],
    name: 'web',
    sessionId: session.id,
    status: 'busy',
    description: 'test',
  });
  await session.call({ action: 'status', terminal_name: 'web', wait_for: { pattern: '^200$', timeout: 20 } });
  await session.call({
    action: 'send_input',
    terminal_name: 'web',
    input: '\n',
    wait_for: { exit: true, timeout: 20 },
  });
  const { bytes } = await target.machine.readHistory({ terminalId: id, from: 0, maxBytes: 100_000 });
  const expected = Array.from({ length: 200 }, (_, index) => `${index + 1}\r\n`).join('');
  expect(Buffer.from(bytes).toString()).toBe(`${expected}\r\n`);
  expect(target.machine.terminal(id)).toMatchObject({ status: 'idle', exitCode: 5 });
  expect(await session.open('web', 'true')).toMatchObject({ error: { code: 'TERMINAL_EXISTS' } });
});

test('T14, T18: a foreground terminal goes on across a restart, gives its result to a repeat, and closes itself', async () => {
  await using target = await makeLocalTarget();
  const session = target.session();
  const callId = newId('call');
  const mark = newMark();
  const call = {
    action: 'open',
    terminal_name: 'build',
    description: 'd',
    command: `echo one; sleep ${mark}; echo two`,
    timeout: 60,
  };
  void session.call(call, { callId });
  await until('opened', () => processesWith(mark).length > 0 && target.machine.terminals(session.id).length > 0);
  await target.restart();
  expect(target.machine.terminals(session.id)).toMatchObject([{ name: 'build', background: false, status: 'busy' }]);
  const repeated = session.call(call, { callId });
  expect(processesWith(mark)).toHaveLength(1);
  for (const pid of processesWith(mark)) process.kill(pid);
  expect((await repeated).output).toMatch(/^one\n(.*\n)*two\n$/);
  expect(target.machine.terminals(session.id)).toEqual([]);
});

test('T14, T18: the timeout of a foreground terminal is re-armed after a restart', async () => {
  await using target = await makeLocalTarget();
  const session = target.session();
  const mark = newMark();
  void session.open('slow', `sleep ${mark}`, { timeout: 3 });
  await until('opened', () => processesWith(mark).length > 0 && target.machine.terminals(session.id).length > 0);
  await target.restart();
  await until('it closed itself', () => target.machine.terminals(session.id).length === 0);
  expect(processesWith(mark)).toEqual([]);
});

test('T18, T24: after a restart a shell keeps its state, and what was typed before does not mix with a command', async () => {
  await using target = await makeLocalTarget();
  const session = target.session();
  const run = await session.shell('sh', 'bash --norc');
  await run('cd /usr; X=5');
  await session.call({ action: 'send_input', terminal_name: 'sh', input: 'echo half-typed' });
  await target.restart();
  expect(await run('pwd; echo $X')).toMatchObject({ success: true, output: '/usr\n5\n' });
});

test('T25: an idle terminal is warned about and closed, one that is used or kept alive is not', async () => {
  await using target = await makeLocalTarget({ idleLimitMs: 3000 });
  const session = target.session();
  await session.open('idle', 'sleep 100', { background: true });
  await session.open('busy', 'while :; do :; done', { background: true });
  await session.open('kept', 'sleep 100', { background: true, keep_alive: true });
  const names = (): string[] =>
    target.machine
      .terminals(session.id)
      .map(({ name }) => name)
      .sort();
  await until('the idle one is closed', async () => {
    await session.call({ action: 'status', terminal_name: 'idle' });
    return !names().includes('idle');
  });
  expect(names()).toEqual(['busy', 'kept']);
  const told = target.events.filter((event) => 'terminal' in event && event.terminal.name === 'idle');
  expect(told.map(({ type }) => type)).toEqual([
    'terminal.opened',
    'terminal.idle_warning',
    'terminal.exited',
    'terminal.closed',
  ]);
  expect(told.at(-1)).toMatchObject({ reason: 'closed after 3 seconds of inactivity' });
});

test('T27: a list of allowed commands limits run, open and run in a shell; an empty one allows nothing', async () => {
  await using target = await makeLocalTarget({ allowedCommands: 'echo,bash,sleep' });
  const session = target.session();
  expect(await session.run('echo a; echo b | echo c')).toMatchObject({ success: true });
  for (const command of ['ls', 'echo $(ls)', 'echo a | cat', 'echo a && ls', '/bin/echo x', 'x=1 ls']) {
    expect(await session.run(command)).toMatchObject({ success: false, error: { code: 'COMMAND_NOT_ALLOWED' } });
    expect(await session.open('t', command)).toMatchObject({ success: false, error: { code: 'COMMAND_NOT_ALLOWED' } });
  }
  const run = await session.shell('sh', 'bash --norc');
  expect(await run('ls')).toMatchObject({ success: false, error: { code: 'COMMAND_NOT_ALLOWED' } });
  expect((await run('echo ok')).output).toBe('ok\n');
  await using nothing = await makeLocalTarget({ allowedCommands: '' });
  expect(await nothing.session().run('echo')).toMatchObject({ success: false, error: { code: 'COMMAND_NOT_ALLOWED' } });
});

test('live output of a call can be asked for before the call, by its own session', async () => {
  await using target = await makeLocalTarget();
  const session = target.session();
  const callId = newId('call');
  const heard: string[] = [];
  const sink = (name: string): CallOutputSink => ({
    onOutput: ({ stream, bytes }) => void heard.push(`${name} ${stream} ${Buffer.from(bytes).toString()}`),
    onEnd: ({ exitCode }) => void heard.push(`${name} end ${exitCode}`),
  });
  target.machine.watchCall({ sessionId: session.id, callId, stdout: 0, stderr: 0 }, sink('own'));
  target.machine.watchCall({ sessionId: newId('session'), callId, stdout: 0, stderr: 0 }, sink('foreign'));
  await session.call({ action: 'run', command: 'echo out; sleep 0.2; echo err >&2; exit 2' }, { callId });
  await until('both have ended', () => heard.includes('own end 2') && heard.includes('foreign end null'));
  expect(heard.filter((text) => text.startsWith('own'))).toEqual(['own stdout out\n', 'own stderr err\n', 'own end 2']);
  expect(heard.filter((text) => text.startsWith('foreign'))).toEqual(['foreign end null']);
});

test('closing a session ends its calls and terminals, and nothing of others', async () => {
  await using target = await makeLocalTarget();
  const [session, other] = [target.session(), target.session()];
  const [mark, otherMark] = [newMark(), newMark()];
  const running = session.run(`sleep ${mark}`, { timeout: 60 });
  const opened = session.open('fg', `sleep ${mark}`, { timeout: 60 });
  await session.open('bg', `sleep ${mark}`, { background: true });
  await other.open('bg', `exec sleep ${otherMark}`, { background: true });
  await until('started', () => processesWith(mark).length === 3);
  await target.machine.closeSession(session.id, 'the session was closed');
  expect(await running).toMatchObject({ success: false, error: { code: 'CANCELLED' } });
  expect(await opened).toMatchObject({ success: false, error: { code: 'CANCELLED' } });
  expect(processesWith(mark)).toEqual([]);
  expect(target.machine.terminals(session.id)).toEqual([]);
  expect(processesWith(otherMark)).toHaveLength(1);
});

test('input, size and title of a terminal; sizes out of range are refused', async () => {
  await using target = await makeLocalTarget();
  const session = target.session();
  const { metadata } = await session.open(
    't',
    `printf '\\033]0;evil\\007'; trap 'stty size' WINCH; while :; do sleep 0.1; done`,
    { background: true },
  );
  const id = String(metadata['terminal_id']);
  await target.machine.resize(id, { columns: 90, rows: 20 });
  await session.call({ action: 'status', terminal_name: 't', wait_for: { pattern: '20 90', timeout: 30 } });
  await until(
    'told',
    () => target.machine.terminal(id)?.columns === 90 && target.machine.terminal(id)?.title === 'evil',
  );
  for (const size of [
    { columns: 1, rows: 5 },
    { columns: 80, rows: 0 },
    { columns: 100_000, rows: 5 },
  ])
    await expect(target.machine.resize(id, size)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  await expect(target.machine.input('t_unknown', Buffer.from('x'))).rejects.toMatchObject({
    code: 'TERMINAL_NOT_FOUND',
  });
  expect(await target.machine.input(id, Buffer.from('abc'))).toEqual({ acceptedBytes: 3 });
});

test('I12: shutdown leaves no process and no socket behind, also none of a host that was killed', async () => {
  const mark = newMark();
  const runtimeDirectory = mkdtempSync(join(tmpdir(), 'navis-sockets-'));
  onTestFinished(() => rmSync(runtimeDirectory, { recursive: true }));
  {
    await using target = await makeLocalTarget({ runtimeDirectory });
    const [folder = ''] = readdirSync(runtimeDirectory);
    writeFileSync(join(runtimeDirectory, folder, 'pty-killed.sock'), '');
    const session = target.session();
    await session.open('bg', `trap '' TERM; (setsid sleep ${mark} &); sleep ${mark}; sleep ${mark}`, {
      background: true,
    });
    void session.run(`sleep ${mark}`, { timeout: 60 });
    await until('started', () => processesWith(mark).length === 3);
  }
  expect(processesWith(mark)).toEqual([]);
  expect(readdirSync(runtimeDirectory)).toEqual([]);
});

test('I12: a machine that is shut down right after its start does so at once and leaves nothing', async () => {
  const home = mkdtempSync(join(tmpdir(), 'navis-brief-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const [stateDirectory, runtimeDirectory] = [join(home, '.navis'), join(home, 'sockets')];
  for (const waitMs of [0, 5, 20, 100, 300, 600]) {
    const machine = createMachine({ stateDirectory, home, runtimeDirectory, nodeId: 'main' });
    await machine.start();
    await delay(waitMs);
    const startedAt = performance.now();
    await machine.shutdown();
    // Far below the time that a host may take to start.
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    const markers = ['pty-host', 'run-host'].map((service) => hostMarker(stateDirectory, service));
    for (const { name, value } of markers)
      expect(await processesOf({ leader: unknownLeader, marker: `${name}=${value}` })).toEqual([]);
    expect(readdirSync(runtimeDirectory)).toEqual([]);
  }
});
