import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { commandAliases, commands } from '../commands/index.ts';
import { isGroup, type CommandNode } from './command.types.ts';
import { runCli } from './run-program.fixture.ts';

let home = '';
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'navis-cli-'));
  vi.stubEnv('NAVIS_HOME', home);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

const everyCommand = async (): Promise<{ name: string; node: CommandNode }[]> => {
  const nodes = Object.entries(commands).map(async ([name, entry]) => ({ name, node: await entry.load() }));
  return (await Promise.all(nodes)).flatMap(({ name, node }) => [
    { name, node },
    ...(isGroup(node)
      ? Object.entries(node.commands).map(([sub, one]) => ({ name: `${name} ${sub}`, node: one }))
      : []),
  ]);
};

test('I12: every command has help with a usage line and examples that its own parser takes', async () => {
  for (const { name, node } of await everyCommand()) {
    const { exitCode, stdout, stderr } = await runCli(...name.split(' '), '--help');
    expect([exitCode, stderr], name).toEqual([0, '']);
    expect(stdout, name).toContain(`navisai ${name}`);
    expect(stdout, name).toContain('Examples');
    expect(node.summary.length, name).toBeLessThan(100);
  }
});

test('I12: the overview names every command, and exits with 2 when none was given', async () => {
  const asked = await runCli('--help');
  expect(asked.exitCode).toBe(0);
  for (const name of Object.keys(commands)) expect(asked.stdout).toContain(`  ${name} `);
  expect((await runCli()).exitCode).toBe(2);
});

test('I12: the commands of this version are exactly these', () => {
  expect(Object.keys(commands).toSorted()).toEqual(
    'up down restart status logs doctor setup trust login logout pair devices approvals nodes node policy projects cp sessions terminal attach run chat profiles models recalls mcp acp tool api manual reset completion'
      .split(' ')
      .toSorted(),
  );
  expect(commandAliases.session).toBe('sessions');
});

test('I12: a mistyped command is answered with the one that was meant', async () => {
  expect(await runCli('stauts')).toEqual({
    exitCode: 2,
    stdout: '',
    stderr: 'navisai: There is no command "stauts".\n  Nothing was done.\n  → Did you mean: navisai status?\n',
  });
  expect((await runCli('terminal', 'opn')).stderr).toContain('Did you mean: navisai terminal open?');
  for (const hostile of ['__proto__', 'constructor', '\x1b[2J', 'a'.repeat(1_000_000), ''])
    expect((await runCli(hostile)).exitCode).toBe(2);
});

test('I12: with --json a failure is one JSON value on stderr', async () => {
  const { exitCode, stdout, stderr } = await runCli('up', '--port=0x50', '--json');
  expect([exitCode, stdout]).toEqual([2, '']);
  expect(JSON.parse(stderr)).toEqual({
    error: {
      code: 'USAGE',
      message: '--port must be a whole number from 0 to 65535, not "0x50".',
      affects: 'Nothing was done.',
    },
  });
});

test('I12: --json behind -- belongs to the other command', async () => {
  expect((await runCli('run', '--timeout', '0', '--', 'x', '--json')).stderr).toMatch(/^navisai: --timeout must be/);
});

test('T28: the manual is the generated one', async () => {
  const { stdout, exitCode } = await runCli('manual', 'terminal');
  expect(exitCode).toBe(0);
  expect(stdout).toContain('# terminal');
  expect(JSON.parse((await runCli('manual', 'terminal', '--json')).stdout)).toMatchObject({ tool: 'terminal' });
});

test('I12: bad ids, names and bodies are refused before anything is sent', async () => {
  const wrong: [words: string[], message: string][] = [
    [['sessions', 'show', 'x'], '<id> must be a session id'],
    [['devices', 'revoke', '../d'], '<id> must be a device id'],
    [['approvals', 'approve', 'a_'], '<id> must be an approval id'],
    [['terminal', 'list', '--session', '../x'], '--session must be a session id'],
    [['tool', 'Terminal', '{}'], '<tool> must be the name of a tool'],
    [['terminal', 'close', '..'], '<name> must be 1 to 64 characters'],
    [['terminal', 'open', 'a b', '--', 'x'], '<name> must be 1 to 64 characters'],
    [['terminal', 'send', 'a'], 'Nothing to type'],
    [['terminal', 'status', 'a', '--lines', '1001'], '--lines must be a whole number from 1 to 1000'],
    [['api', 'FETCH', '/'], '<method> must be one of'],
    [['api', 'GET', 'https://evil.example/'], '<path> must begin with /'],
    [['api', 'POST', '/sessions', '{'], '<body> must be JSON'],
    [['attach', 'a', '--detach-keys', 'x'], '--detach-keys must be'],
    [['attach', 'a'], 'attach needs a terminal'],
    [['completion', 'tcsh'], '<shell> must be one of bash, zsh, fish'],
    [['pair', '--scope', 'root'], '--scope must be one of viewer, operator, admin'],
  ];
  for (const [words, message] of wrong) {
    const { exitCode, stderr } = await runCli(...words);
    expect(stderr).toContain(message);
    expect(exitCode).toBe(2);
  }
});

test('issue 2: a tool call that cannot be made still answers with a result', async () => {
  const { exitCode, stdout } = await runCli('tool', 'terminal', '{"action"');
  expect(exitCode).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({ success: false, output: '', error: { code: 'USAGE' }, metadata: {} });
});

test('I12: without a hub every command that needs one says so, with exit code 3', async () => {
  for (const words of [
    ['sessions'],
    ['terminal', 'list'],
    ['devices'],
    ['approvals'],
    ['run', '--', 'true'],
    ['pair'],
  ]) {
    const { exitCode, stdout, stderr } = await runCli(...words);
    expect([exitCode, stdout]).toEqual([3, '']);
    expect(stderr).toContain('No hub has been started');
    expect(stderr).toContain('→ navisai up');
  }
  const { exitCode, stdout } = await runCli('status', '--json');
  expect(exitCode).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({ running: false, state: 'stopped', home });
});

test('I5: a configuration or home that cannot be used is named', async () => {
  vi.stubEnv('NAVIS_HOME', 'relative/path');
  expect((await runCli('status')).stderr).toContain('NAVIS_HOME must be an absolute path');
  vi.stubEnv('NAVIS_HOME', home);
});
