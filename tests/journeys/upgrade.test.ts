/** An upgrade under open terminals: the code is replaced, the hub restarted from it, and nobody's work notices (T18). */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectHost } from '@navisai/client/node';
import { newId } from '@navisai/protocol';
import { createTestHome, findMarked, openTerminal, readHistory, recordTerminal, until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { cli, cliJson, startCli } from './cli-process.fixture.ts';
import { hostsOf, isAlive, parentOf } from './processes.fixture.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const newVersion = '99.1.0';

/** A copy of what runs, with the dependencies of this checkout. */
const installCopy = (folder: string): void => {
  const isCode = (path: string): boolean => !/\/(node_modules|\.types|build|\.svelte-kit)$|\.test\.ts$/.test(path);
  for (const room of ['packages', 'apps/daemon', 'apps/cli'])
    cpSync(join(root, room), join(folder, room), { recursive: true, filter: isCode });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '@navisai'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (!name.startsWith('.') && name !== '@navisai')
      symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  for (const name of readdirSync(join(folder, 'packages')))
    symlinkSync(join(folder, 'packages', name), join(modules, '@navisai', name));
  symlinkSync(join(folder, 'apps/daemon'), join(modules, '@navisai/daemon'));
};

/** As a package manager does it: the old files go, the new ones come to the same place. */
const replaceCode = (folder: string): void => {
  for (const room of ['packages', 'apps', 'node_modules', 'package.json'])
    rmSync(join(folder, room), { recursive: true });
  installCopy(folder);
  const packages = [
    'apps/daemon',
    'apps/cli',
    ...readdirSync(join(folder, 'packages')).map((name) => `packages/${name}`),
  ];
  for (const path of packages.map((name) => join(folder, name, 'package.json'))) {
    const content = JSON.parse(readFileSync(path, 'utf8')) as object;
    writeFileSync(path, JSON.stringify({ ...content, version: newVersion }));
  }
  for (const path of ['packages/machine/src/host/pty-host.ts', 'packages/machine/src/run/run-host-main.ts'])
    writeFileSync(join(folder, path), '\n/** A newer version. */\n', { flag: 'a' });
};

const counter = (last: number): { command: string; expected: string } => ({
  command: `for n in $(seq 1 ${last}); do echo "count $n"; sleep 0.02; done; exec cat`,
  expected: Array.from({ length: last }, (_, index) => `count ${index + 1}\r\n`).join(''),
});

/** Each line takes a process, which a busy machine has little time for. */
const countedMs = 90_000;

interface OldPtyHost {
  home: string;
  call(body: Record<string, unknown>): Promise<unknown>;
  oldPtyHost: number;
}

/** It stays for its last terminal, and not longer. */
const oldPtyHostLeaves = async ({ home, call, oldPtyHost }: OldPtyHost): Promise<void> => {
  await call({ action: 'close', terminal_name: 'counting' });
  expect(await isAlive(oldPtyHost)).toBe(true);
  await call({ action: 'close', terminal_name: 'shell' });
  await until('the old pty-host has gone', async () => !(await isAlive(oldPtyHost)));
  await until('its record as well', async () => !(await hostsOf(home)).ptyHosts.includes(oldPtyHost));
};

test('T18: an upgrade keeps terminals and runs: same processes, every byte, old hosts until they are empty, new ones beside', async () => {
  await using place = await createTestHome();
  const folder = join(place.mark, 'app');
  installCopy(folder);
  const program = join(folder, 'apps/cli/bin/navisai.js');
  const { origin } = await cliJson<{ origin: string }>(place, ['up', '--port=0'], { program });
  const { api, live, close } = await connectHost({ home: place.home, origin });
  await using cleanUp = new AsyncDisposableStack();
  cleanUp.defer(async () => void (await cli(place, ['down'], { program })));
  cleanUp.defer(() => close());
  const before = await api.status();
  const { id: sessionId } = await api.createSession({ body: {} });
  const call = (body: Record<string, unknown>) => api.callTool({ params: { id: sessionId, tool: 'terminal' }, body });

  const { command, expected } = counter(400);
  const counting = await openTerminal(api, { sessionId, name: 'counting', command });
  const shell = await openTerminal(api, { sessionId, name: 'shell', command: 'PS1="$ " exec bash --norc --noprofile' });
  await call({ action: 'send_input', terminal_name: 'shell', input: 'export KEPT=yes; cd /usr\n' });
  using recorder = recordTerminal(live(), counting.id);
  const go = join(place.userHome, 'go');
  const run = {
    action: 'run',
    call_id: newId('call'),
    timeout: 120,
    command: `echo began >> '${go}.log'; until [ -e '${go}' ]; do sleep 0.02; done; echo finished; exit 4`,
  };
  const running = call(run).catch((error: unknown) => error);
  await until('the run has begun', async () => (await findMarked(`${go}.log`)).length > 0);
  const streamed = startCli(
    place,
    ['run', '--', `for n in $(seq 1 200); do echo "line $n"; sleep 0.03; done; exit 6`],
    {
      program,
    },
  );
  await until('the streamed run prints', () => streamed.stdout.includes('line 5\n'));
  await recorder.sees('count 40\r\n');
  const oldHosts = await hostsOf(place.home);
  expect([oldHosts.ptyHosts.length, oldHosts.runHosts.length]).toEqual([1, 1]);
  const [oldPtyHost = 0] = oldHosts.ptyHosts;
  const [oldRunHost = 0] = oldHosts.runHosts;

  replaceCode(folder);
  expect(await cliJson(place, ['restart'], { program })).toMatchObject({ restarted: true, origin });
  expect((await api.status()).version).toBe(newVersion);
  expect(before.version).not.toBe(newVersion);

  const { terminals } = await api.session({ params: { id: sessionId } });
  expect(terminals.map(({ name, pid, status }) => ({ name, pid, status }))).toEqual([
    { name: 'counting', pid: counting.pid, status: 'busy' },
    { name: 'shell', pid: shell.pid, status: 'busy' },
  ]);
  await recorder.sees('count 400\r\n', countedMs);
  expect(recorder.bytes.toString()).toBe(expected);
  expect((await readHistory(api, counting)).toString()).toBe(expected);
  const inShell = await call({ action: 'run', terminal_name: 'shell', command: 'echo $KEPT; pwd' });
  expect(inShell).toMatchObject({ success: true, output: 'yes\n/usr\n' });
  const status = await call({ action: 'status', terminal_name: 'counting', lines: 3 });
  expect(status.metadata).toMatchObject({ lines: ['count 398', 'count 399', 'count 400'] });

  const fresh = await openTerminal(api, { sessionId, name: 'fresh', command: 'echo new; exec cat' });
  expect(await parentOf(counting.pid)).toBe(oldPtyHost);
  expect(await parentOf(fresh.pid)).not.toBe(oldPtyHost);
  expect(await call({ action: 'run', command: 'echo on' })).toMatchObject({ output: 'on\n' });
  expect(await isAlive(oldRunHost)).toBe(true);
  writeFileSync(go, '');
  expect(await running).toMatchObject({ code: 'HUB_UNREACHABLE' });
  expect(await call(run)).toMatchObject({ success: false, output: 'finished\n', metadata: { exit_code: 4 } });
  expect(readFileSync(`${go}.log`, 'utf8')).toBe('began\n');
  const { stdout, exitCode } = await streamed.ended;
  expect(stdout).toBe(Array.from({ length: 200 }, (_, index) => `line ${index + 1}\n`).join(''));
  expect(exitCode).toBe(6);
  await until('the old run-host has gone', async () => !(await isAlive(oldRunHost)));

  await oldPtyHostLeaves({ home: place.home, call, oldPtyHost });
  const { ptyHosts, runHosts } = await hostsOf(place.home);
  expect([ptyHosts, runHosts.length]).toEqual([[await parentOf(fresh.pid)], 1]);
  expect(await call({ action: 'status', terminal_name: 'fresh' })).toMatchObject({ success: true });
});
