/** `navisai setup` with a real service manager and port 443, in a network of its own: services, proofs, survival, removal (I2, I4, I12, I16). */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTestHome, type TestHome, until } from '@navisai/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli, cliJson, startCli, type CliPlace } from './cli-process.fixture.ts';
import { canMakeNetworks, type Network, openNetwork } from './network.fixture.ts';

const systemd = '/lib/systemd/systemd';
const canRunServices =
  canMakeNetworks && existsSync(systemd) && spawnSync('systemctl', ['--version']).error === undefined;

let network: Network;
let home: TestHome;
let phoneHome: TestHome;
let manager: ChildProcess;

/** Inside the network and the mounts of the machine that the manager runs on. */
const onHub = (): CliPlace => ({
  userHome: home.userHome,
  environment: (more) => home.environment({ XDG_RUNTIME_DIR: '/run/user/0', ...more }),
  wrap: (file, args) => ({ file: 'nsenter', args: ['-t', String(manager.pid), '-m', '-n', file, ...args] }),
});
const onPhone = (): CliPlace => ({
  userHome: phoneHome.userHome,
  environment: (more) => phoneHome.environment(more),
  wrap: (file, args) => network.machine('phone').wrap(file, args),
});

/** What a booted machine has: `/run`, and a manager for this user's services. */
const bootScript = `
mount --make-rprivate / && mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system /run/user/0 && chmod 700 /run/user/0
exec env XDG_RUNTIME_DIR=/run/user/0 ${systemd} --user`;

const systemctl = async (...words: string[]): Promise<string> => {
  const place = onHub();
  const { file, args } = place.wrap?.('systemctl', ['--user', ...words]) ?? { file: '', args: [] };
  return spawnSync(file, args, { env: place.environment(), encoding: 'utf8' }).stdout;
};

beforeAll(async () => {
  if (!canRunServices) return;
  network = await openNetwork(['hub', 'phone']);
  [home, phoneHome] = [await createTestHome(), await createTestHome()];
  mkdirSync(home.home, { mode: 0o700 });
  // Not as other programs start there: that way hides the control groups, which the manager needs.
  const inside = ['--net', `/run/netns/${network.machine('hub').namespace}`];
  const words = [inside.join('='), 'unshare', '-m', 'bash', '-c', bootScript];
  manager = spawn('nsenter', words, { env: home.environment(), stdio: 'ignore' });
  await until('the manager answers', async () => (await systemctl('is-system-running')).trim() !== '');
});

afterAll(async () => {
  if (!canRunServices) return;
  await using _network = network;
  await using _home = home;
  await using _phoneHome = phoneHome;
  await cli(onHub(), ['down']);
  manager.kill('SIGTERM');
  if (manager.exitCode === null) await once(manager, 'exit');
});

interface Report {
  done: boolean;
  steps: { step: string; state: string }[];
  findings: { check: string; state: string; message: string }[];
  phone: { url: string; fingerprint: string };
}

const pidOf = async (unit: string): Promise<number> => Number(await systemctl('show', '-P', 'MainPID', unit));

test.skipIf(!canRunServices)(
  'I4, I16: setup shows its plan, asks, and proves port, name and trust; twice changes nothing',
  async () => {
    await cliJson(onHub(), ['up']);
    await cliJson(onHub(), ['terminal', 'open', 'kept', '--description', 'from before', '--', 'sleep 1000']);
    const asked = await cli(onHub(), ['setup']);
    expect([asked.exitCode, existsSync(join(home.home, 'config.json'))]).toEqual([2, false]);
    expect(asked.stderr).toContain('navis-bridge.service');
    const report = await cliJson<Report>(onHub(), ['setup', '--yes']);
    expect(report.findings.filter(({ state }) => state === 'problem')).toEqual([]);
    expect(report.findings.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['hub', 'bridge', 'name', 'phone', 'trust']),
    );
    expect(report.phone.url).toBe('https://navis.local/certs/navis.local-ca.crt');
    const before = [await pidOf('navis-hub'), await pidOf('navis-bridge')];
    const again = await cliJson<Report>(onHub(), ['setup', '--yes']);
    expect(again.done).toBe(true);
    expect(await pidOf('navis-bridge')).toBe(before[1]);
    // The terminal of the hub that ran without a service was taken over.
    const { terminals } = await cliJson<{ terminals: { name: string; status: string }[] }>(onHub(), [
      'terminal',
      'list',
    ]);
    expect(terminals).toMatchObject([{ name: 'kept', status: 'busy' }]);
  },
);

test.skipIf(!canRunServices)(
  'I14, I16: another machine gets CA and fingerprint as the phone would, and logs in by them',
  async () => {
    const shown = await cliJson<{ fingerprint: string; url: string }>(onHub(), ['trust', '--phone']);
    const { token, url } = await cliJson<{ token: string; url: string }>(onHub(), ['pair']);
    expect(url).toBe(`https://navis.local/pair#${token}`);
    const login = startCli(onPhone(), ['login', url, '--fingerprint', shown.fingerprint, '--as', 'home']);
    const approval = await until('it knocks', async () => {
      const { approvals } = await cliJson<{ approvals: { id: string; detail: { peer: string } }[] }>(onHub(), [
        'approvals',
      ]);
      return approvals[0];
    });
    expect(approval.detail.peer).toBe(network.machine('phone').address);
    await cliJson(onHub(), ['approvals', 'approve', approval.id]);
    expect((await login.ended).exitCode).toBe(0);
    expect((await cli(onPhone(), ['run', '--', 'echo "$((6*7))"'])).stdout).toBe('42\n');
    expect(await cliJson(onPhone(), ['status'])).toMatchObject({ running: true, origin: 'https://navis.local' });
  },
);

test.skipIf(!canRunServices)('T18, I12: a restart of the service and a kill of the hub lose no terminal', async () => {
  const processOf = async (): Promise<number | undefined> => {
    const { terminals } = await cliJson<{ terminals: { pid: number; status: string }[] }>(onHub(), [
      'terminal',
      'list',
    ]);
    return terminals.find(({ status }) => status === 'busy')?.pid;
  };
  const before = await processOf();
  expect(before).toBeGreaterThan(0);
  await systemctl('restart', 'navis-hub');
  await until('the hub is back', async () => (await cli(onHub(), ['status'])).exitCode === 0);
  expect(await processOf()).toBe(before);
  const hub = await pidOf('navis-hub');
  process.kill(hub, 'SIGKILL');
  await until(
    'the service started another',
    async () => (await pidOf('navis-hub')) > 0 && (await pidOf('navis-hub')) !== hub,
  );
  await until('the hub is back', async () => (await cli(onHub(), ['status'])).exitCode === 0);
  expect(await processOf()).toBe(before);
  await cliJson(onHub(), ['restart']);
  expect(await processOf()).toBe(before);
  expect(await pidOf('navis-hub')).toBeGreaterThan(0);
});

test.skipIf(!canRunServices)('I4: --remove leaves no file and no open port behind; terminals go on', async () => {
  const units = join(home.userHome, '.config', 'systemd', 'user');
  expect(readFileSync(join(units, 'navis-hub.service'), 'utf8')).toContain(home.home);
  expect((await cli(onHub(), ['setup', '--remove', '--yes'])).exitCode).toBe(0);
  expect(['navis-hub.service', 'navis-bridge.service'].filter((name) => existsSync(join(units, name)))).toEqual([]);
  expect(existsSync(join(home.home, 'config.json'))).toBe(false);
  expect((await cli(onPhone(), ['sessions'])).exitCode).toBe(3);
  await cliJson(onHub(), ['up']);
  const { terminals } = await cliJson<{ terminals: { status: string }[] }>(onHub(), ['terminal', 'list']);
  expect(terminals).toMatchObject([{ status: 'busy' }]);
});
