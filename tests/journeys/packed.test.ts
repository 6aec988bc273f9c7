/** The published packages: packed, installed into an empty folder, run from there. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pack } from '../../scripts/pack/pack.ts';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const installDeadlineMs = 300_000;
const commandDeadlineMs = 60_000;

let folder = '';
let home = '';

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'packed-')));
  home = join(folder, 'home');
  const empty = join(folder, 'app');
  mkdirSync(home);
  mkdirSync(empty);
  const tarballs = await pack(root, join(folder, 'dist'));
  writeFileSync(join(empty, 'package.json'), '{"private":true}');
  const words = ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', ...tarballs];
  await promisify(execFile)('npm', words, { cwd: empty, timeout: installDeadlineMs });
}, installDeadlineMs);

afterAll(async () => {
  await navisai('down').catch(() => undefined);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

interface CommandEnd {
  code: number;
  output: string;
  problem: string;
}

async function navisai(...words: string[]): Promise<CommandEnd> {
  const { PATH } = process.env;
  const environment = { PATH, HOME: home, NAVIS_HOME: join(home, '.navis'), LANG: 'C.UTF-8' };
  const options = { cwd: home, env: environment, timeout: commandDeadlineMs };
  const { promise, resolve } = Promise.withResolvers<CommandEnd>();
  const command = join(folder, 'app/node_modules/.bin/navisai');
  execFile(command, words, options, (error, output, problem) => {
    const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
    resolve({ code, output, problem });
  });
  return promise;
}

async function success(...words: string[]): Promise<unknown> {
  const { code, output, problem } = await navisai('--json', ...words);
  expect({ words, code, problem }).toEqual({ words, code: 0, problem: '' });
  return JSON.parse(output);
}

async function fetchPage(origin: string): Promise<string> {
  const ca = readFileSync(join(home, '.navis/certs/navis.local-ca.crt'));
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  get(`${origin}/`, { ca }, (response) => void text(response).then(resolve, reject)).on('error', reject);
  return promise;
}

const nodePackage = (): string => join(folder, 'app/node_modules/@navisai/node');

test('N13: the published node joins a hub, runs commands there, and leaves', async () => {
  await success('up', '--port=0');
  const { origin } = (await success('status')) as { origin: string };
  const { key, id } = (await success('nodes', 'add', 'packed')) as { key: string; id: string };
  const place = join(folder, 'node-home');
  const runtime = join(folder, 'app/node_modules/.bin/node');
  const environment = { PATH: process.env['PATH'] ?? '', HOME: home, LANG: 'C.UTF-8' };
  const words = [join(nodePackage(), 'dist/main.js'), '--home', place];
  const node = spawn(runtime, words, {
    cwd: folder,
    env: { ...environment, NODE_API_KEY: key, NAVIS_HUB_URL: origin },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(node, 'exit');
  try {
    const [said] = (await once(node.stdout, 'data')) as [Buffer];
    expect(said.toString()).toContain('Node packed is connected');
    expect(await navisai('run', '--node', 'packed', '--', 'echo ran-$NAVIS_NOTHING$((6*7))')).toMatchObject({
      code: 0,
      output: 'ran-42\n',
    });
  } finally {
    await promisify(execFile)(runtime, [...words, 'leave'], { cwd: folder, env: environment });
    await ended;
  }
  expect(await success('nodes', 'show', 'packed')).toMatchObject({ id, state: 'left' });
  expect(await navisai('down')).toMatchObject({ code: 0 });
});

test('N13: install.sh installs twice without touching what a person wrote, and uninstalls', async () => {
  const root = join(folder, 'root');
  const tarball = globSync('navisai-node-*.tgz', { cwd: join(folder, 'dist') })[0] ?? '';
  const state = join(root, 'home/navis/.navis/node');
  const install = (words: string[], environment: Record<string, string> = {}): Promise<{ stdout: string }> =>
    promisify(execFile)('sh', [join(folder, 'dist/install.sh'), '--user', 'navis', ...words], {
      // With what npm has in its cache.
      env: { ...process.env, DESTDIR: root, ...environment },
      timeout: installDeadlineMs,
    });
  const words = ['--package', join(folder, 'dist', tarball), '--hub', 'https://hub.example.com'];
  mkdirSync(root);
  await install(words, { NODE_API_KEY: 'the-key' });
  const settings = readFileSync(join(state, '.env'), 'utf8');
  expect(settings).toContain('NODE_API_KEY=the-key\n');
  expect(settings).toContain('NAVIS_HUB_URL=https://hub.example.com\n');
  expect(statSync(join(state, '.env')).mode & 0o777).toBe(0o600);
  const unitFile = join(root, 'etc/systemd/system/navis-node.service');
  const unit = readFileSync(unitFile, 'utf8');
  expect(unit).toMatch(
    /^ExecStart=\/opt\/navis-node\/\S+\/bin\/node \/opt\/navis-node\/\S+ --home \/home\/navis\/\.navis$/m,
  );
  expect(unit).not.toContain('the-key');

  writeFileSync(join(state, '.env'), 'NAVIS_HUB_URL=https://mine.example.com\n');
  writeFileSync(join(state, 'policy.json'), '{"version":1}');
  const { stdout } = await install(words, { NODE_API_KEY: 'another' });
  expect(stdout).toContain(`Keeping ${state}/.env`);
  expect(readFileSync(join(state, '.env'), 'utf8')).toBe('NAVIS_HUB_URL=https://mine.example.com\n');
  expect(readFileSync(unitFile, 'utf8')).toBe(unit);
  const command = join(root, 'usr/local/bin/navis-node');
  expect(statSync(command).mode & 0o111).not.toBe(0);
  await promisify(execFile)('sh', ['-n', command]);

  await install(['--uninstall']);
  for (const path of [unitFile, command, join(root, 'opt/navis-node')]) expect(existsSync(path), path).toBe(false);
  expect(readFileSync(join(state, 'policy.json'), 'utf8')).toBe('{"version":1}');
  expect(existsSync(join(state, '.env'))).toBe(true);
}, 240_000);

test('N13: what the Containerfile copies and starts is what is packed', () => {
  const text = readFileSync(join(folder, 'dist/container/Containerfile'), 'utf8').replaceAll('\\\n', ' ');
  const copied = Array.from(text.matchAll(/^COPY (?!--from)(.+) \S+$/gm), ([, sources = '']) =>
    sources.split(' '),
  ).flat();
  expect(copied).toContain('navisai-node-*.tgz');
  for (const source of copied) expect(globSync(source, { cwd: join(folder, 'dist') }), source).not.toEqual([]);
  const programs = ['@navisai/node/dist/main.js', '@navisai/daemon/dist/main.js', '.bin/navisai', '.bin/node'];
  for (const path of programs) expect(existsSync(join(folder, 'app/node_modules', path)), path).toBe(true);
  expect(text).not.toMatch(/--privileged|docker\.sock/);
  expect(text.match(/^USER .*$/gm)).toEqual(['USER navis', 'USER navis']);
  expect(text.match(/^ENTRYPOINT .*$/gm)).toEqual([
    'ENTRYPOINT ["/usr/bin/tini", "--", "/usr/local/bin/run-hub"]',
    'ENTRYPOINT ["/usr/bin/tini", "--", "/usr/local/bin/run-node"]',
  ]);
  const compose = readFileSync(join(folder, 'dist/container/compose.yaml'), 'utf8');
  expect(compose).not.toMatch(/privileged:|docker\.sock|network_mode|pid: *host/);
});

test('I12, P1: the published packages run a hub with its page, profiles, terminals and commands, and end it', async () => {
  const up = (await success('up', '--port=0')) as { running: boolean; origin: string };
  expect(up.running).toBe(true);
  expect(await success('status')).toMatchObject({ running: true, origin: up.origin });
  expect(await fetchPage(up.origin)).toContain('<!doctype html>');

  await success('terminal', 'open', 'kept', '--description', 'a packed terminal', '--', 'echo packed-$((6*7)); cat');
  const seen = await success('terminal', 'status', 'kept', '--wait-for', 'packed-42');
  expect(JSON.stringify(seen)).toContain('packed-42');
  expect(await navisai('run', '--', 'echo ran; exit 3')).toMatchObject({ code: 3, output: 'ran\n' });
  const { profiles } = (await success('profiles')) as { profiles: { id: string }[] };
  expect(profiles.map(({ id }) => id)).toEqual(['developer', 'secretary', 'server_admin']);

  expect(await navisai('down')).toMatchObject({ code: 0 });
  expect(await navisai('status')).toMatchObject({ code: 3 });
});

test.skipIf(process.platform === 'darwin')(
  'I4: the published bridge runs beside them, and setup names it',
  async () => {
    const bridge = join(folder, 'app/node_modules/@navisai/bridge/dist/main.js');
    const asked = await promisify(execFile)(process.execPath, [bridge, '--help']);
    expect(asked.stdout).toContain('--port=N');
    // No session of this home can run services: setup says what remains by hand, and with which programs.
    const { code, output } = await navisai('--json', 'setup', '--yes', '--no-trust', '--port', '8443');
    expect(code).toBe(1);
    expect(output).toContain(bridge);
    expect(await navisai('--json', 'setup', '--remove', '--yes')).toMatchObject({ code: 0 });
  },
);
