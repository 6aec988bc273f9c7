import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { complete } from './complete.ts';

const words = async (...line: string[]): Promise<string[]> =>
  (await complete(line)).map((candidate) => candidate.split('\t')[0] ?? '');

test('I12: commands, subcommands, flags and choices are offered', async () => {
  expect(await words('sta')).toEqual(['status']);
  expect(await words('terminal', '')).toEqual(['open', 'list', 'status', 'send', 'close', 'run']);
  expect(await words('session', 'ren')).toEqual(['rename']);
  expect(await words('terminal', 'open', 'x', '--wa')).toEqual(['--wait-for']);
  expect(await words('pair', '--scope', '')).toEqual(['viewer', 'operator', 'admin']);
  expect(await words('pair', '--scope=vi')).toEqual(['--scope=viewer']);
  expect(await words('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  expect(await words('--js')).toEqual(['--json']);
});

test('I12: directories and files are left to the shell', async () => {
  expect(await words('run', '--cwd', '')).toEqual([':directories']);
  expect(await words('run', '--', 'l')).toEqual([':files']);
});

test('I12: what means nothing offers nothing and fails nowhere', async () => {
  for (const line of [['nonsense', ''], ['__proto__', ''], ['terminal', 'nonsense', ''], ['up', 'x', 'y', ''], []])
    expect(await words(...line)).toEqual(line.length === 0 ? expect.any(Array) : []);
});

/** `navisai` on a PATH, so that the scripts find it. */
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'navis-completion-'));
  symlinkSync(fileURLToPath(new URL('../../bin/navisai.js', import.meta.url)), join(folder, 'navisai'));
  mkdirSync(join(folder, 'home'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const has = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;
const inShell = (shell: string, script: string): string[] => {
  const env = {
    PATH: `${folder}:${join(process.execPath, '..')}:${process.env.PATH}`,
    HOME: join(folder, 'home'),
    NAVIS_HOME: join(folder, 'navis'),
    TERM: 'dumb',
  };
  const { stdout, stderr } = spawnSync(shell, ['-c', script], { env, encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
};

test.skipIf(!has('bash'))('I12: bash completes', () => {
  const script = `source <(navisai completion bash)
    COMP_WORDS=(navisai terminal op); COMP_CWORD=2; _navisai; printf '%s\\n' "\${COMPREPLY[@]}"
    COMP_WORDS=(navisai pair --scope ""); COMP_CWORD=3; _navisai; printf '%s\\n' "\${COMPREPLY[@]}"`;
  expect(inShell('bash', script)).toEqual(['open', 'viewer', 'operator', 'admin']);
});

test.skipIf(!has('zsh'))('I12: zsh completes', () => {
  const script = `autoload -U compinit; compinit -u; source <(navisai completion zsh)
    _describe() { print -rl -- "\${(@P)2}" }
    words=(navisai terminal op); CURRENT=3; _navisai`;
  expect(inShell('zsh', script)).toEqual(['open:Open a named terminal and run a command in it.']);
});

test.skipIf(!has('fish'))('I12: fish completes', () => {
  const script = `navisai completion fish | source; complete -C 'navisai terminal op'; complete -C 'navisai pair --scope v'`;
  expect(inShell('fish', script)).toEqual([
    'open\tOpen a named terminal and run a command in it.',
    'viewer\tWhat the device may do; default admin.',
  ]);
});
