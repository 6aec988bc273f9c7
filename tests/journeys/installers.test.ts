/** What installs a node: scripts that every shell reads, units that systemd accepts, a container that restarts only what a restart helps (N3, N13, T18). */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { programFile, startHub, until } from '@navisai/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const nodeMain = programFile('node');
const has = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nv-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const scripts = ['install.sh', 'container/run-node', 'container/run-hub', 'container/navis-node'];

test.each(scripts)('N13: %s is a script that every shell reads', (script) => {
  execFileSync('sh', ['-n', join(root, 'installers', script)]);
});

test.skipIf(!has('shellcheck'))('N13: shellcheck has nothing to say about them', () => {
  execFileSync(
    'shellcheck',
    scripts.map((script) => join(root, 'installers', script)),
    { encoding: 'utf8' },
  );
});

test.each([
  [['--user'], 'needs a value'],
  [['--user', 'a b'], 'name of an account'],
  [['--prefix', 'opt'], 'absolute paths'],
  [['--prefix', '/opt/../etc'], 'plain absolute paths'],
  [['--home', "/x'; rm"], 'plain absolute paths'],
  [['navis1.n_x.key'], 'does not belong on the command line'],
  [['--frobnicate'], 'not understood'],
])('N13: install.sh %j is refused before anything is done', (words, message) => {
  const { status, stderr } = spawnSync('sh', [join(root, 'installers/install.sh'), ...words], {
    env: { PATH: process.env['PATH'], DESTDIR: folder },
    encoding: 'utf8',
  });
  expect(status).toBe(2);
  expect(stderr).toContain(message);
  expect(globSync('*', { cwd: folder })).toEqual([]);
});

const run = (...words: string[]): string =>
  execFileSync(process.execPath, [nodeMain, ...words], {
    env: { PATH: process.env['PATH'], HOME: join(folder, 'user'), XDG_CONFIG_HOME: '' },
    encoding: 'utf8',
    stdio: 'pipe',
  });

const service = (...words: string[]): string => run('--home', join(folder, 'home'), 'service', ...words);

test('N13: the service is written, is there already the second time, and is removed again', () => {
  const scratch = join(folder, 'scratch');
  expect(service('install', '--system', '--user', 'navis', '--root', scratch)).toContain('Writing');
  expect(service('install', '--system', '--user', 'navis', '--root', scratch)).toContain('is there already');
  const file = join(scratch, 'etc/systemd/system/navis-node.service');
  const unit = readFileSync(file, 'utf8');
  expect(unit).toContain(`ExecStart=${process.execPath} ${nodeMain} --home ${join(folder, 'home')}\n`);
  for (const line of ['KillMode=process', 'Restart=always', 'RestartPreventExitStatus=2 4 6 7', 'User=navis'])
    expect(unit).toContain(`${line}\n`);
  const foreign = ['--home', join(folder, 'another'), 'service'];
  expect(run(...foreign, 'remove', '--system', '--root', scratch)).toContain('runs a node in another home; it stays');
  expect(() => run(...foreign, 'install', '--system', '--root', scratch)).toThrow('Nothing was changed');
  expect(readFileSync(file, 'utf8')).toBe(unit);
  expect(service('remove', '--system', '--root', scratch)).toContain('Removed');
  expect(globSync('**/*.service', { cwd: scratch })).toEqual([]);
});

test.skipIf(!has('systemd-analyze'))('N13: systemd accepts the unit', () => {
  const file = join(folder, 'navis-node.service');
  writeFileSync(file, service('print', '--system', '--user', 'root'));
  const { status, stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' });
  expect({ status, stderr: stderr.split('\n').filter((line) => line.includes('navis-node')) }).toEqual({
    status: 0,
    stderr: [],
  });
});

test('N13: the hub of a container writes its settings once, and a hub takes them', async () => {
  const file = join(folder, 'node');
  writeFileSync(file, '#!/bin/sh\necho started "$@"\n');
  chmodSync(file, 0o755);
  const start = (names: string): string =>
    execFileSync('sh', [join(root, 'installers/container/run-hub')], {
      env: { PATH: `${folder}:${process.env['PATH'] ?? ''}`, NAVIS_HOME: folder, NAVIS_HUB_NAMES: names },
      encoding: 'utf8',
    });
  expect(start('hub localhost')).toContain('started /opt/navis/node_modules/@navisai/daemon/dist/main.js');
  const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as Record<string, unknown>;
  expect(config).toEqual({ listen: ['0.0.0.0'], origins: ['https://hub:47621', 'https://localhost:47621'] });
  start('another');
  expect(JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))).toEqual(config);
  await using hub = await startHub({ config });
  expect((await hub.host.api.status()).status).toBe('ok');
});

/** `run-node` with a program in place of the node. */
const runNode = (program: string): ChildProcess => {
  const file = join(folder, 'navis-node');
  writeFileSync(file, `#!/bin/sh\n${program}\n`);
  chmodSync(file, 0o755);
  return spawn('sh', [join(root, 'installers/container/run-node')], {
    cwd: folder,
    env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
};

const starts = (): number => {
  try {
    return readFileSync(join(folder, 'starts'), 'utf8').length;
  } catch {
    return 0;
  }
};

const endOf = async (running: ChildProcess): Promise<number | null> => {
  const [code] = (await once(running, 'exit')) as [number | null];
  rmSync(join(folder, 'starts'), { force: true });
  return code;
};

test('T18: in a container a node that crashed is started again, beside its terminals', async () => {
  const running = runNode('printf x >> starts; [ "$(wc -c < starts)" -ge 3 ] && exit 0; exit 137');
  expect(await endOf(running)).toBe(0);
});

test('N3: in a container a node that was replaced stays down until the container is stopped', async () => {
  const running = runNode('printf x >> starts; exit 6');
  const [said] = (await once(running.stderr ?? running, 'data')) as [Buffer];
  expect(said.toString()).toContain('stays down until this container is started again');
  expect(starts()).toBe(1);
  expect(running.exitCode).toBe(null);
  running.kill('SIGTERM');
  expect(await endOf(running)).toBe(6);
});

test('N13: a container that is stopped ends its node in order', async () => {
  const program = `process.on('SIGINT', () => process.exit(0)); fs.writeFileSync('starts', 'x'); setInterval(() => 0, 1000)`;
  const running = runNode(`exec '${process.execPath}' -e "${program}"`);
  await until('it runs', () => starts() === 1);
  running.kill('SIGTERM');
  expect(await endOf(running)).toBe(0);
});
