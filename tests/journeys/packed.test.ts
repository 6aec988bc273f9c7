/** The published packages: packed, installed into an empty folder, run from there. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
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

test('I12: the published packages run a hub with its page, terminals and commands, and end it', async () => {
  const up = (await success('up', '--port=0')) as { running: boolean; origin: string };
  expect(up.running).toBe(true);
  expect(await success('status')).toMatchObject({ running: true, origin: up.origin });
  expect(await fetchPage(up.origin)).toContain('<!doctype html>');

  await success('terminal', 'open', 'kept', '--description', 'a packed terminal', '--', 'echo packed-$((6*7)); cat');
  const seen = await success('terminal', 'status', 'kept', '--wait-for', 'packed-42');
  expect(JSON.stringify(seen)).toContain('packed-42');
  expect(await navisai('run', '--', 'echo ran; exit 3')).toMatchObject({ code: 3, output: 'ran\n' });

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
