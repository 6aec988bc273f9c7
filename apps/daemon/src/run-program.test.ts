/** The hub as a process: exit codes, signals, restarts with terminals, a full disk (I5, I12, I17, T18). */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import {
  createSession,
  createTestHome,
  findMarked,
  openHostClient,
  openTerminal,
  programFile,
  readHistory,
  startHub,
  startHubProcess,
  type TestHome,
  type TestHub,
  until,
} from '@navisai/testkit';
import { expect, test } from 'vitest';

const runToEnd = async (place: TestHome, flags: string[]): Promise<{ code: number | null; said: string }> => {
  const child = spawn(process.execPath, [programFile('daemon'), ...flags], { env: place.environment() });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, said };
};

test('I5: wrong flags and settings end with code 2, name what is wrong, and start nothing', async () => {
  await using place = await createTestHome();
  mkdirSync(place.home);
  writeFileSync(join(place.home, 'config.json'), '{"port":"x"}');
  for (const [flags, name] of [
    [['--port=x'], '--port'],
    [['--nonsense'], '--nonsense'],
    [[], 'port'],
  ] as const) {
    const { code, said } = await runToEnd(place, [...flags]);
    expect({ code, isNamed: said.includes(name), hasStack: /\n\s+at /.test(said) }).toEqual({
      code: 2,
      isNamed: true,
      hasStack: false,
    });
  }
});

test('I5: a port that is taken is a clear error and leaves nothing', async () => {
  await using place = await createTestHome();
  const other = createServer();
  await once(other.listen(0, '127.0.0.1'), 'listening');
  const address = other.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const { code, said } = await runToEnd(place, [`--port=${port}`]);
  other.close();
  expect({ code, said }).toEqual({
    code: 6,
    said: expect.stringContaining(`Port ${port} is taken by another program`),
  });
});

test('I12: a second hub of the same home is refused and harms nothing', async () => {
  await using hub = await startHub();
  const second = startHubProcess({ home: hub.home, environment: hub.environment(), port: 0 });
  await expect(second).rejects.toThrow(/\(6\)[\s\S]*running here already/);
  expect((await hub.host.api.status()).status).toBe('ok');
});

const openCat = async (hub: TestHub) => {
  const sessionId = await createSession(hub.host.api);
  return openTerminal(hub.host.api, { sessionId, name: 'web', command: 'echo started; exec cat' });
};

const listed = async (hub: TestHub, sessionId: string) =>
  (await hub.host.api.session({ params: { id: sessionId } })).terminals;

test('T18: after kill -9 of the hub the terminal has the same PID and goes on', async () => {
  await using hub = await startHub();
  const terminal = await openCat(hub);
  await hub.kill();
  await hub.start();
  const [found] = await listed(hub, terminal.sessionId);
  expect(found).toMatchObject({ id: terminal.id, pid: terminal.pid, status: 'busy' });
  const input = {
    action: 'send_input',
    terminal_name: 'web',
    input: 'still here\n',
    wait_for: { pattern: 'still here' },
  };
  const params = { id: terminal.sessionId, tool: 'terminal' };
  expect(await hub.host.api.callTool({ params, body: input })).toMatchObject({ success: true });
  expect((await readHistory(hub.host.api, terminal)).toString()).toContain('started');
});

test('T18, T20: what ended while the hub was away is told in the log of its session', async () => {
  await using hub = await startHub();
  const sessionId = await createSession(hub.host.api);
  const flag = join(hub.mark, 'end now');
  const command = `until [ -e '${flag}' ]; do sleep 0.05; done; exit 7`;
  const terminal = await openTerminal(hub.host.api, { sessionId, name: 'job', command });
  await hub.kill();
  writeFileSync(flag, '');
  await until('the job has ended', async () => !(await findMarked(hub.mark)).some(({ pid }) => pid === terminal.pid));
  await hub.start();
  const changes = await until('the exit is in the log', async () => {
    const { events } = await hub.host.api.sessionEvents({ params: { id: sessionId }, query: {} });
    const updates = events.filter(({ type }) => type === 'session.update');
    const found = updates.map(({ data }) => (data as { change: string }).change);
    return found.includes('terminal.exited') ? found : undefined;
  });
  expect(changes).toEqual(['created', 'terminal.opened', 'terminal.exited']);
  expect(await listed(hub, sessionId)).toMatchObject([{ status: 'idle', exitCode: 7 }]);
});

test('I12: SIGHUP and a stop that keeps leave terminals; SIGTERM ends them with everything they started', async () => {
  await using hub = await startHub();
  const terminal = await openCat(hub);
  hub.process.signal('SIGHUP');
  await hub.process.gone();
  await hub.start();
  expect(await listed(hub, terminal.sessionId)).toMatchObject([{ pid: terminal.pid, status: 'busy' }]);
  await hub.stopKeeping();
  await hub.start();
  expect(await listed(hub, terminal.sessionId)).toMatchObject([{ pid: terminal.pid, status: 'busy' }]);
  hub.process.signal('SIGTERM');
  await hub.process.gone();
  await until('nothing is left', async () => (await findMarked(hub.mark)).length === 0);
});

test('T18: a run goes on through a stop that keeps: its caller hears 503 and finds it again by its call_id', async () => {
  await using hub = await startHub();
  const { api } = hub.host;
  const sessionId = await createSession(api);
  const flag = join(hub.mark, 'go');
  const command = `touch '${flag}.begun'; until [ -e '${flag}' ]; do sleep 0.02; done; echo finished`;
  const params = { id: sessionId, tool: 'terminal' };
  const body = { action: 'run', command, call_id: 'a-run-through-a-restart' };
  const left = api.callTool({ params, body }).catch((error: unknown) => error);
  await until('it has begun', () => existsSync(`${flag}.begun`));
  await hub.stopKeeping();
  expect(await left).toMatchObject({ code: 'HUB_UNREACHABLE' });
  await hub.start();
  writeFileSync(flag, '');
  expect(await api.callTool({ params, body })).toMatchObject({ success: true, output: 'finished\n' });
});

test('I12: --end-hosts ends what a dead hub left, and refuses while one runs', async () => {
  await using hub = await startHub();
  await openCat(hub);
  const place = { environment: () => hub.environment() } as TestHome;
  expect((await runToEnd(place, ['--end-hosts'])).code).toBe(6);
  await hub.kill();
  expect(await runToEnd(place, ['--end-hosts'])).toEqual({ code: 0, said: '' });
  await until('nothing is left', async () => (await findMarked(hub.mark)).length === 0);
});

test('I12: Ctrl-C on a foreground hub names the running terminals and ends them', async () => {
  await using place = await createTestHome();
  mkdirSync(place.home, { mode: 0o700 });
  const hub = await startHubProcess({
    home: place.home,
    environment: place.environment(),
    port: 0,
    flags: ['--foreground'],
  });
  const { connection } = await openHostClient({ home: place.home, origin: `https://127.0.0.1:${hub.port}` });
  const sessionId = await createSession(connection.api);
  await openTerminal(connection.api, { sessionId, name: 'web', command: 'sleep 1000' });
  connection.close();
  hub.signal('SIGINT');
  await hub.gone();
  expect(hub.printed).toContain('Ending the hub with its terminals: web');
  expect(hub.printed).toContain('Navis has stopped.');
});

test('I12: a second Ctrl-C does not wait for an orderly end', async () => {
  await using hub = await startHub();
  // A program that ignores the hangup and TERM keeps an orderly end waiting for 5 s.
  const sessionId = await createSession(hub.host.api);
  await openTerminal(hub.host.api, {
    sessionId,
    name: 'stubborn',
    command: "trap '' HUP TERM INT; while :; do sleep 0.2; done",
  });
  hub.process.signal('SIGINT');
  const pressAgain = setInterval(() => hub.process.signal('SIGINT'), 100);
  await hub.process.gone(4000).finally(() => clearInterval(pressAgain));
});

const fillDisk = (file: string): void => {
  try {
    for (;;) writeFileSync(file, Buffer.alloc(4096), { flag: 'a' });
  } catch {
    // Full.
  }
};

const mountSmallDisk = (folder: string): boolean => {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=700', 'tmpfs', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

test('I17: on a full disk writes are refused with the reason, reading goes on, and it goes on when there is room', async ({
  skip,
}) => {
  await using place = await createTestHome();
  const disk = join(place.home, 'store');
  mkdirSync(disk, { recursive: true, mode: 0o700 });
  if (!mountSmallDisk(disk)) skip('mounting a small disk needs root');
  await using cleanUp = new AsyncDisposableStack();
  cleanUp.defer(() => void execFileSync('umount', ['--lazy', disk]));
  const hub = await startHubProcess({ home: place.home, environment: place.environment(), port: 0 });
  cleanUp.defer(() => hub.gone());
  cleanUp.defer(() => hub.signal('SIGTERM'));
  const { connection } = await openHostClient({ home: place.home, origin: `https://127.0.0.1:${hub.port}` });
  cleanUp.defer(() => connection.close());
  const { api } = connection;
  const { id } = await api.createSession({ body: { title: 'kept' } });
  fillDisk(join(disk, 'filler'));
  const title = 'x'.repeat(200);
  const refused = await until('a write is refused', () =>
    api.changeSession({ params: { id }, body: { title } }).then(
      () => undefined,
      (error: unknown) => error,
    ),
  );
  expect(refused).toMatchObject({ code: 'DEGRADED', message: expect.stringContaining('full') });
  expect(await api.status()).toMatchObject({
    status: 'degraded',
    problems: [{ remedy: expect.stringContaining('space') }],
  });
  expect(await api.session({ params: { id } })).toMatchObject({ id });
  rmSync(join(disk, 'filler'));
  await until('the hub goes on', async () => (await api.status()).status === 'ok');
  expect(await api.changeSession({ params: { id }, body: { title: 'room again' } })).toMatchObject({
    title: 'room again',
  });
});
