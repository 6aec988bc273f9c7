/** A hub under names and certificates of its operator, without bridge and multicast: addresses, foreign CAs, renewal (I3, I11, I12). */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTestHome, type TestHome, until } from '@navisai/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeAuthority, makeLeaf, type PemPair } from '../../apps/daemon/src/certificates/make-certificates.ts';
import { cli, cliJson, startCli, type CliPlace } from './cli-process.fixture.ts';
import { canMakeNetworks, type Network, openNetwork } from './network.fixture.ts';

const port = 47_711;
const names = { dns: ['hub.example.com'], ip: [] };

let network: Network;
let hubHome: TestHome;
let laptopHome: TestHome;
let foreign: PemPair;
let foreignFile: string;

const placeOf = (name: string, home: TestHome): CliPlace => ({
  userHome: home.userHome,
  environment: (more) => home.environment(more),
  wrap: (file, args) => network.machine(name).wrap(file, args),
});
const onHub = (): CliPlace => placeOf('hub', hubHome);
const onLaptop = (): CliPlace => placeOf('laptop', laptopHome);

const putCertificate = async (): Promise<void> => {
  const pair = await makeLeaf(foreign, new Date(), names);
  writeFileSync(join(hubHome.home, 'own.key'), pair.key, { mode: 0o600 });
  writeFileSync(join(hubHome.home, 'own.crt'), pair.certificate);
};

beforeAll(async () => {
  if (!canMakeNetworks) return;
  network = await openNetwork(['hub', 'laptop']);
  [hubHome, laptopHome] = [await createTestHome(), await createTestHome()];
  const { address } = network.machine('hub');
  await network.machine('laptop').setHosts({ 'hub.example.com': address, 'other.example.com': address });
  mkdirSync(hubHome.home, { mode: 0o700 });
  foreign = await makeAuthority(new Date(), names);
  foreignFile = join(laptopHome.userHome, 'company-ca.pem');
  writeFileSync(foreignFile, foreign.certificate);
  await putCertificate();
  const config = {
    port,
    listen: address,
    origins: [`https://hub.example.com:${port}`, `https://${address}:${port}`],
    certificate: { certificateFile: 'own.crt', keyFile: 'own.key' },
  };
  writeFileSync(join(hubHome.home, 'config.json'), JSON.stringify(config));
  await cliJson(onHub(), ['up']);
});

afterAll(async () => {
  if (!canMakeNetworks) return;
  await using _network = network;
  await using _hubHome = hubHome;
  await using _laptopHome = laptopHome;
  await cli(onHub(), ['down']);
});

/** Logs in with a fresh link; the hub's own CLI approves whoever waits. */
const login = async (origin: string, words: string[], environment: Record<string, string> = {}) => {
  const { token } = await cliJson<{ token: string }>(onHub(), ['pair']);
  const running = startCli(onLaptop(), ['--json', 'login', `${origin}/pair#${token}`, ...words], { environment });
  const waiting = until('it knocks or ends', async () => {
    if (running.child.exitCode !== null) return 'ended';
    const { approvals } = await cliJson<{ approvals: { id: string }[] }>(onHub(), ['approvals']);
    return approvals[0]?.id;
  });
  const id = await waiting;
  if (id !== 'ended') await cliJson(onHub(), ['approvals', 'approve', id]);
  return running.ended;
};

const known = () =>
  (JSON.parse(readFileSync(join(laptopHome.home, 'hubs.json'), 'utf8')) as { hubs: { name: string; ca?: string }[] })
    .hubs;

test.skipIf(!canMakeNetworks)(
  'I3: the CLI of the hub’s own machine works beside an operator’s certificate and a foreign address',
  async () => {
    expect((await cli(onHub(), ['run', '--', 'echo here'])).stdout).toBe('here\n');
    const { findings } = await cliJson<{ findings: { check: string; state: string; message: string }[] }>(onHub(), [
      'doctor',
    ]);
    // The company's CA is unknown to this machine, and doctor says so.
    expect(findings.find(({ check }) => check === 'names')).toMatchObject({
      state: 'warning',
      message: expect.stringContaining('hub.example.com') as string,
    });
  },
);

test.skipIf(!canMakeNetworks)(
  'I12: a certificate of a CA that the system knows needs no fingerprint, and nothing is pinned',
  async () => {
    const origin = `https://hub.example.com:${port}`;
    const trusting = { NODE_EXTRA_CA_CERTS: foreignFile };
    expect((await login(origin, ['--as', 'company'], trusting)).exitCode).toBe(0);
    expect(known().find(({ name }) => name === 'company')?.ca).toBeUndefined();
    const run = ['--hub', 'company', 'run', '--', 'echo trusted'];
    expect((await cli(onLaptop(), run, { environment: trusting })).stdout).toBe('trusted\n');
    const stranger = await cli(onLaptop(), run);
    expect([stranger.exitCode, stranger.stdout]).toEqual([3, '']);
  },
);

test.skipIf(!canMakeNetworks)(
  'I12: a CA that is named counts alone; the hub’s own CA does not vouch for a foreign certificate',
  async () => {
    const origin = `https://hub.example.com:${port}`;
    expect((await login(origin, ['--as', 'named', '--ca', foreignFile])).exitCode).toBe(0);
    expect((await cli(onLaptop(), ['--hub', 'named', 'run', '--', 'echo named'])).stdout).toBe('named\n');
    const { fingerprint } = await cliJson<{ fingerprint: string }>(onHub(), ['trust', '--phone']);
    const wrong = await login(origin, ['--as', 'wrong', '--fingerprint', fingerprint]);
    expect(wrong.exitCode).toBe(4);
    expect(wrong.stderr).toContain('--ca');
  },
);

test.skipIf(!canMakeNetworks)(
  'I3, I11: an address that the configuration names is certified by the local CA; another name is refused',
  async () => {
    const { fingerprint } = await cliJson<{ fingerprint: string }>(onHub(), ['trust', '--phone']);
    const origin = `https://${network.machine('hub').address}:${port}`;
    expect((await login(origin, ['--as', 'address', '--fingerprint', fingerprint])).exitCode).toBe(0);
    expect((await cli(onLaptop(), ['--hub', 'address', 'run', '--', 'echo by address'])).stdout).toBe('by address\n');
    const other = await login(`https://other.example.com:${port}`, ['--as', 'other', '--fingerprint', fingerprint]);
    expect([other.exitCode, other.stderr.includes('origins')]).toEqual([4, true]);
  },
);

test.skipIf(!canMakeNetworks)(
  'I3: a renewed certificate is taken into use without a restart, and terminals notice nothing',
  async () => {
    await putCertificate();
    const log = () => readFileSync(join(hubHome.home, 'logs', 'hub.log'), 'utf8');
    // It is looked for every ten seconds, and may be met half-written.
    await until('it is taken into use', () => log().includes('the certificate was renewed'), 60_000);
    expect((await cli(onLaptop(), ['--hub', 'named', 'run', '--', 'echo renewed'])).stdout).toBe('renewed\n');
  },
);

test.skipIf(!canMakeNetworks)(
  'I3: a new name needs a new CA, which the hub says and who pinned the old one is told; others notice nothing',
  async () => {
    const file = join(hubHome.home, 'config.json');
    const config = JSON.parse(readFileSync(file, 'utf8')) as { origins: string[]; listen: string };
    // And an address that this machine does not have: it is waited for.
    const listen = [config.listen, '10.213.7.200'];
    writeFileSync(
      file,
      JSON.stringify({ ...config, listen, origins: [...config.origins, `https://new.example.com:${port}`] }),
    );
    const { stdout } = await cli(onHub(), ['restart']);
    expect(stdout).toContain('navisai trust');
    expect(stdout).toContain('10.213.7.200 is not an address of this machine yet');
    const pinned = await cli(onLaptop(), ['--hub', 'address', 'sessions']);
    expect(pinned.exitCode).toBe(3);
    expect(pinned.stderr).toContain('navisai login');
    expect((await cli(onLaptop(), ['--hub', 'named', 'run', '--', 'echo unmoved'])).stdout).toBe('unmoved\n');
    await network.machine('hub').run('ip', ['address', 'add', '10.213.7.200/24', 'dev', 'eth0']);
    await until('the address is listened on', async () => {
      const asked = await network
        .machine('laptop')
        .run('bash', ['-c', `exec 3<>/dev/tcp/10.213.7.200/${port} && echo open`])
        .catch(() => '');
      return asked === 'open\n';
    });
  },
);
