/** A node in a network of its own: it dials out, nothing can be dialled there, and a pulled cable is noticed (N1, N3, N6, N7, T18). */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { createTestHome, programFile, type TestHome, until } from '@navisai/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli, cliJson, openWindow, type CliPlace } from './cli-process.fixture.ts';
import { canMakeNetworks, type Network, openNetwork } from './network.fixture.ts';

let network: Network;
let hubHome: TestHome;
let nasHome: TestHome;
let nas: ChildProcess | undefined;
let printed = '';

const port = 47_711;
/** N3: within this time the hub says that a node is gone, also when nothing but silence tells. */
const honestWithinMs = 15_000;

const onHub = (): CliPlace => ({
  userHome: hubHome.userHome,
  environment: (more) => hubHome.environment(more),
  wrap: (file, args) => network.machine('hub').wrap(file, args),
});

const stateOf = async (name: string): Promise<string | undefined> => {
  const { nodes } = await cliJson<{ nodes: { name: string; state: string }[] }>(onHub(), ['nodes', 'list']);
  return nodes.find((node) => node.name === name)?.state;
};

const fellSilentAt = (): Promise<number> =>
  until('the log says when', () => {
    const lines = readFileSync(join(hubHome.home, 'logs', 'hub.log'), 'utf8').split('\n');
    const line = lines.findLast((one) => one.includes('a node fell silent'));
    return line === undefined ? undefined : Date.parse((JSON.parse(line) as { time: string }).time);
  });

const startNas = async (): Promise<void> => {
  const { key } = await cliJson<{ key: string }>(onHub(), ['nodes', 'add', 'nas']);
  const joining = { NODE_API_KEY: key, NAVIS_HUB_URL: `https://${network.machine('hub').address}:${port}` };
  nas = network
    .machine('nas')
    .start(process.execPath, [programFile('node'), '--home', nasHome.home], { env: nasHome.environment(joining) });
  for (const stream of [nas.stdout, nas.stderr]) stream?.on('data', (text: Buffer) => (printed += String(text)));
};

beforeAll(async () => {
  if (!canMakeNetworks) return;
  network = await openNetwork(['hub', 'nas']);
  [hubHome, nasHome] = [await createTestHome(), await createTestHome()];
  mkdirSync(hubHome.home, { mode: 0o700 });
  const listen = network.machine('hub').address;
  writeFileSync(join(hubHome.home, 'config.json'), JSON.stringify({ port, listen }));
  await cliJson(onHub(), ['up']);
  await startNas();
  await until(
    () => `the node is not online: ${printed}`,
    async () => (await stateOf('nas')) === 'online',
  );
});

afterAll(async () => {
  if (!canMakeNetworks) return;
  await using _network = network;
  await using _hubHome = hubHome;
  await using _nasHome = nasHome;
  nas?.kill('SIGINT');
  await until('the node has ended', () => nas?.exitCode !== null);
  await cli(onHub(), ['down']);
});

test.skipIf(!canMakeNetworks)(
  'N1, N5: what is asked at the hub runs on the other machine, which listens on no port',
  async () => {
    const run = await cli(onHub(), [
      'run',
      '--node',
      'nas',
      '--cwd',
      '/',
      '--',
      'hostname -I 2>/dev/null || ip -4 -o address; exit 4',
    ]);
    expect(run).toMatchObject({
      exitCode: 4,
      stdout: expect.stringContaining(network.machine('nas').address) as string,
    });
    const listening = await network.machine('nas').run('ss', ['-Hltun']);
    expect(listening.trim()).toBe('');
  },
);

test.skipIf(!canMakeNetworks)(
  'N3, N7, T18: with the cable out the node is told as offline in time, its work goes on, and all of it is there afterwards',
  async () => {
    const count = 'n=0; while :; do n=$((n+1)); echo "tick $n"; sleep 0.1; done';
    await cliJson(onHub(), ['terminal', 'open', 'ticks', '--node', 'nas', '--description', 'counts', '--', count]);
    await using window = openWindow(onHub(), ['attach', 'ticks']);
    await window.shows(/tick \d+/);
    await network.machine('nas').setCable('out');
    const pulledAt = Date.now();
    await until('the node is told as offline', async () => (await stateOf('nas')) === 'offline');
    // By the hub's own word: to ask for it takes a program that has to start first.
    expect((await fellSilentAt()) - pulledAt).toBeLessThan(honestWithinMs);
    const refused = await cli(onHub(), ['run', '--node', 'nas', '--', 'true']);
    expect(refused.exitCode).toBe(3);
    expect(refused.stderr).toContain('not connected');
    await network.machine('nas').setCable('in');
    await until('the node is online again', async () => (await stateOf('nas')) === 'online');
    // What came meanwhile comes at once: no single line of it need be on the screen when somebody looks.
    const ticked = (): number =>
      Number(/tick (\d+)/.exec(window.screen().findLast((line) => line.includes('tick')) ?? '')?.[1] ?? 0);
    const before = ticked();
    await until('it goes on', () => ticked() >= before + 20);
    window.type('\x1cd');
    expect(await window.ended()).toBe(0);
    const { terminals } = await cliJson<{ terminals: { name: string; id: string; sessionId: string }[] }>(onHub(), [
      'terminal',
      'list',
      '--all',
    ]);
    const ticks = terminals.find(({ name }) => name === 'ticks');
    const history = await cli(onHub(), ['api', 'GET', `/sessions/${ticks?.sessionId}/terminals/${ticks?.id}/output`]);
    const numbers = Array.from(history.stdout.matchAll(/tick (\d+)/g), ([, number]) => Number(number));
    expect(numbers.length).toBeGreaterThan(before);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  },
);
