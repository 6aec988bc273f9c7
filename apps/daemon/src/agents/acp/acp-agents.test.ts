/** How an ACP agent is started: in every shell, and with its variables in no command (I19, T29). */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commandLine, variableLines } from './acp-agents.ts';

/** There is no terminal here that could be set up. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'acp-agents-'));
  writeFileSync(join(folder, 'stty'), '#!/bin/sh\n');
  chmodSync(join(folder, 'stty'), 0o755);
});
afterAll(() => rmSync(folder, { recursive: true }));

const everyByte = String.fromCodePoint(...Array.from({ length: 0x17f }, (_, index) => index + 1));
const env = {
  PLAIN: 'sk-secret',
  EMPTY: '',
  LINES: '\n\n a\n\nb\n\n',
  WORDS: `it's $HOME \`id\` "$(id)" \\ \\n 'x' export A=b; exit`,
  EVERY: everyByte,
  navis: 'its own',
  l: 'l',
};
const told = `process.stdout.write(JSON.stringify(process.env)); process.stdin.pipe(process.stdout)`;

test.each(['sh', 'bash'])(
  'I19, T29: %s gives an agent its variables as they are, and then what is said to it',
  (shell) => {
    const agent = { command: process.execPath, args: ['-e', told], env };
    const command = commandLine(agent);
    expect(command).not.toContain('sk-secret');
    const { stdout } = spawnSync(shell, ['-c', command], {
      input: `${variableLines(agent)}{"first":1}\n`,
      env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` },
      encoding: 'utf8',
    });
    const [, ready, json = '', rest] =
      /^(navis: ready)\n(\{.*\})(\{"first":1\}\n)\nnavis: ended 0\n$/s.exec(stdout) ?? [];
    expect({ ready, rest }).toEqual({ ready: 'navis: ready', rest: '{"first":1}\n' });
    const given = JSON.parse(json) as Record<string, string>;
    expect(given).toMatchObject(env);
    expect(Object.keys(given).filter((name) => name.startsWith('navis_'))).toEqual([]);
  },
);

test('I19: nothing is said first to an agent without variables', () => {
  expect(variableLines({ command: 'mine' })).toBe('');
  expect(commandLine({ command: 'mine' })).not.toContain('eval');
});

test('I19: how an agent ended is said, and the last of what it said beside the protocol', () => {
  const says = 'console.error("x".repeat(3000) + "last"); process.exitCode = 3';
  const { stdout } = spawnSync('bash', ['-c', commandLine({ command: process.execPath, args: ['-e', says] })], {
    env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` },
    encoding: 'utf8',
  });
  expect(stdout).toBe(`navis: ready\n\nnavis: ended 3\n${'x'.repeat(2043)}last\n`);
});
