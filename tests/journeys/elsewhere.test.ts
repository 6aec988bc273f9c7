/** The hub from another machine: a network of its own, a name that only multicast DNS knows, a bridge on port 443 (I2, I4, I12, I16). */
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { createTestHome, programFile, type TestHome, until } from '@navisai/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli, cliJson, openWindow, startCli, type CliPlace } from './cli-process.fixture.ts';
import { canMakeNetworks, type Network, openNetwork } from './network.fixture.ts';

let network: Network;
let hubHome: TestHome;
let laptopHome: TestHome;
let bridge: ChildProcess;

const placeOf = (name: string, home: TestHome): CliPlace => ({
  userHome: home.userHome,
  environment: (more) => home.environment(more),
  wrap: (file, args) => network.machine(name).wrap(file, args),
});
/** What the hub has written of its names by now. */
const namesOf = ({ home }: TestHome): string => {
  const file = join(home, 'run', 'mdns.json');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
};
const onHub = (): CliPlace => placeOf('hub', hubHome);
const onLaptop = (): CliPlace => placeOf('laptop', laptopHome);

beforeAll(async () => {
  if (!canMakeNetworks) return;
  network = await openNetwork(['hub', 'laptop', 'second']);
  [hubHome, laptopHome] = [await createTestHome(), await createTestHome()];
  mkdirSync(hubHome.home, { mode: 0o700 });
  // Which port the hub has on its own machine is nobody's business elsewhere.
  writeFileSync(join(hubHome.home, 'config.json'), JSON.stringify({ port: 47_701, bridge: { port: 47_702 } }));
  await cliJson(onHub(), ['up']);
  bridge = network.machine('hub').start(process.execPath, [programFile('bridge')], { env: hubHome.environment() });
  await once(bridge.stdout ?? process.stdin, 'data');
  await until('the names are published', () => namesOf(hubHome).includes('"published"'));
});

afterAll(async () => {
  if (!canMakeNetworks) return;
  await using _network = network;
  await using _hubHome = hubHome;
  await using _laptopHome = laptopHome;
  await cli(onHub(), ['down']);
  bridge.kill('SIGTERM');
});

/** Approves whoever waits, from the hub's own CLI. */
const approve = async (code: string): Promise<void> => {
  const approval = await until('somebody knocks', async () => {
    const { approvals } = await cliJson<{ approvals: { id: string; detail: { shortCode: string; peer: string } }[] }>(
      onHub(),
      ['approvals'],
    );
    return approvals[0];
  });
  expect(approval.detail).toMatchObject({ shortCode: code, peer: network.machine('laptop').address });
  await cliJson(onHub(), ['approvals', 'approve', approval.id]);
};

/** After what says so: a fingerprint above may look like a code, too. */
const codeIn = (text: string): string => /must show[^]*?(\d{3} \d{3})/.exec(text)?.[1] ?? '';

test.skipIf(!canMakeNetworks)(
  'I12, I16: a second machine finds the hub by its name, knows it by its fingerprint, is let in, and works there',
  async () => {
    const link = await cliJson<{ url: string; loginUrl: string }>(onHub(), ['pair']);
    expect(link.url).toMatch(/^https:\/\/navis\.local\/pair#/);
    const login = startCli(onLaptop(), ['login', link.loginUrl, '--device-name', 'laptop']);
    let said = '';
    login.child.stderr?.on('data', (text: string) => (said += text));
    await until(
      () => `no code: ${said}`,
      () => codeIn(said) !== '',
    );
    await approve(codeIn(said));
    const end = await login.ended;
    expect({ ...end, stdout: end.stdout }).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('Logged in to https://navis.local'),
    });
    const file = join(laptopHome.home, 'hubs.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      default: 'navis',
      hubs: [
        { name: 'navis', origin: 'https://navis.local', ca: expect.stringContaining('BEGIN CERTIFICATE') as string },
      ],
    });

    expect(await cli(onLaptop(), ['run', '--cwd', '/', '--', 'echo from elsewhere; exit 3'])).toMatchObject({
      exitCode: 3,
      stdout: 'from elsewhere\n',
    });
    await cliJson(onLaptop(), ['terminal', 'open', 'work', '--description', 'far away', '--', 'echo ready; cat']);
    await using window = openWindow(onLaptop(), ['attach', 'work']);
    await window.shows('ready');
    window.type('typed far away\r');
    await window.shows(/typed far away\n+typed far away/);
    window.type('\x1cd');
    expect(await window.ended()).toBe(0);
    const { terminals } = await cliJson<{ terminals: { name: string }[] }>(onHub(), ['terminal', 'list', '--all']);
    expect(terminals.map(({ name }) => name)).toContain('work');
  },
);

test.skipIf(!canMakeNetworks)(
  'I12: commands about a machine refuse another hub; unknown hubs and wrong links are errors',
  async () => {
    for (const [words, exitCode, message] of [
      [['up', '--hub', 'navis'], 2, 'about this machine'],
      [['--hub', 'navis', 'down'], 2, 'about this machine'],
      [['--hub', 'nobody', 'sessions'], 5, 'no hub "nobody"'],
      [['login', 'http://navis.local'], 2, 'https only'],
      [['login', 'https://navis.local/pair#short'], 2, 'not a complete pairing link'],
      [['login', 'https://navis.local'], 2, 'confirmed by its fingerprint'],
      [['login', 'https://nowhere.local'], 3, 'cannot be reached'],
      [['login', `https://navis.local/pair#${'A'.repeat(22)}.${'A'.repeat(43)}`, '--as', 'x'], 4, 'not the hub'],
      [['login', 'https://navis.local', '--fingerprint', 'xyz'], 2, '64 hexadecimal digits'],
      [['login', `https://${network.machine('hub').address}`, '--as', 'x'], 4, 'origins'],
      [['login', 'https://navis.local', '--ca', '/nowhere'], 2, 'no such file'],
      [['login', 'https://navis.local', '--ca', '/etc/hostname'], 2, 'no certificate'],
      [['logout', 'nobody'], 5, 'no hub "nobody"'],
    ] as const) {
      const end = await cli(onLaptop(), words);
      expect({ words, exitCode: end.exitCode }, end.stderr).toEqual({ words, exitCode });
      expect(end.stderr).toContain(message);
      expect(end.stderr).not.toContain('AAAAAAAAAAAAAAAAAAAAAA');
    }
  },
);

test.skipIf(!canMakeNetworks)(
  'I4, T18: through a lost network and a restarted bridge the laptop goes on where it was',
  async () => {
    await using window = openWindow(onLaptop(), ['attach', 'work']);
    await window.shows('typed far away');
    await network.machine('laptop').setCable('out');
    bridge.kill('SIGKILL');
    await once(bridge, 'exit');
    bridge = network.machine('hub').start(process.execPath, [programFile('bridge')], { env: hubHome.environment() });
    await once(bridge.stdout ?? process.stdin, 'data');
    await network.machine('laptop').setCable('in');
    await until(
      'input is taken again',
      async () => {
        window.type('still there\r');
        return window.shows('still there', 2000).then(
          () => true,
          () => false,
        );
      },
      60_000,
    );
    window.type('\x1cd');
    expect(await window.ended()).toBe(0);
  },
);

test.skipIf(!canMakeNetworks)('I16: a second hub of the network leaves the name alone and says so', async () => {
  await using home = await createTestHome();
  const second = placeOf('second', home);
  mkdirSync(home.home, { mode: 0o700 });
  writeFileSync(join(home.home, 'config.json'), JSON.stringify({ port: 47_801, bridge: { port: 47_802 } }));
  await cliJson(second, ['up']);
  try {
    await until('it finds the name taken', () => namesOf(home).includes('"taken"'));
    const { stdout } = await cli(second, ['doctor']);
    expect(stdout).toContain('navis.local belongs to another machine of this network');
    expect((await cli(onLaptop(), ['sessions'])).exitCode).toBe(0);
  } finally {
    await cli(second, ['down']);
  }
  const completed = await cli(onLaptop(), ['__complete', 'logout', '']);
  expect(completed.stdout).toBe('navis\thttps://navis.local\n');
});

test.skipIf(!canMakeNetworks)('I14: a person compares the fingerprint, pastes the link and sees the code', async () => {
  const { loginUrl, url } = await cliJson<{ loginUrl: string; url: string }>(onHub(), ['pair']);
  await using doubting = openWindow(onLaptop(), ['login', 'navis.local', '--as', 'again'], { columns: 120, rows: 30 });
  await doubting.shows('Is it the same?');
  doubting.type('\r');
  expect(await doubting.ended()).toBe(1);
  await using window = openWindow(onLaptop(), ['login', 'navis.local', '--as', 'again'], { columns: 120, rows: 30 });
  await window.shows('Is it the same?');
  const { fingerprint } = await cliJson<{ fingerprint: string }>(onHub(), ['trust', '--phone']);
  expect(window.screen().join('').replaceAll(/\s/g, '').toLowerCase()).toContain(fingerprint);
  window.type('y\r');
  await window.shows('Link:');
  window.type(`${url}\r`);
  await window.shows(/must show[^]*?\d{3} \d{3}/);
  await approve(codeIn(window.screen().join('\n')));
  await window.shows('Logged in to https://navis.local');
  expect(await window.ended()).toBe(0);
  // The link worked once.
  expect((await cli(onLaptop(), ['login', loginUrl, '--as', 'third'])).exitCode).not.toBe(0);
  expect(await cliJson(onLaptop(), ['logout', 'again'])).toMatchObject({ revoked: true });
});

test.skipIf(!canMakeNetworks)('I14: logout gives the key back, and nothing works afterwards', async () => {
  expect(await cliJson(onLaptop(), ['logout'])).toMatchObject({ name: 'navis', revoked: true });
  const end = await cli(onLaptop(), ['sessions']);
  expect(end.exitCode).toBe(3);
  const { devices } = await cliJson<{ devices: { name: string }[] }>(onHub(), ['devices']);
  expect(devices.map(({ name }) => name)).not.toContain('laptop');
});
