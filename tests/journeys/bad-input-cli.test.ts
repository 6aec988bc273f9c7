/** Every flag and argument of every command, and every key of the configuration, with what is wrong: named, exit code 2 (I5, I12). */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NavisError } from '@navisai/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { type AnyCommand, type Flag, isGroup } from '../../apps/cli/src/command-line/command.types.ts';
import { runCli } from '../../apps/cli/src/command-line/run-program.fixture.ts';
import { commands } from '../../apps/cli/src/commands/index.ts';
import { composeConfig } from '../../apps/daemon/src/settings/config.ts';
import { hostileTexts, leakPattern } from './hostile.fixture.ts';

/** What cannot be a value of this flag, whatever the hub would say to it. */
const wrongValues = (flag: Flag): string[] => {
  switch (flag.type) {
    case 'boolean':
      return ['3', '__proto__', 'a\x1b[2Jb'];
    case 'number':
      return ['', 'x', '-1', '1.5', '1e3', '9'.repeat(30), ...Object.values(hostileTexts)];
    case 'choice':
      return ['', 'x'.repeat(10_000), ...Object.values(hostileTexts)];
    case 'text':
    case 'texts':
      return ['', 'a\0b', 'x'.repeat((flag.maxLength ?? 4 * 1024 * 1024) + 1)];
  }
};

const allCommands = async (): Promise<[name: string, command: AnyCommand][]> => {
  const found: [string, AnyCommand][] = [];
  for (const [name, { load }] of Object.entries(commands)) {
    const node = await load();
    if (isGroup(node))
      for (const [inner, command] of Object.entries(node.commands)) found.push([`${name} ${inner}`, command]);
    else found.push([name, node]);
  }
  return found;
};

const expectUsageError = async (words: string[], named: string): Promise<void> => {
  const about = words.join(' ').slice(0, 200);
  const { exitCode, stdout, stderr } = await runCli(...words);
  expect({ about, exitCode, stdout }).toEqual({ about, exitCode: 2, stdout: '' });
  expect(stderr).toContain(named);
  expect(stderr.length).toBeLessThan(2000);
  expect(stderr).not.toMatch(leakPattern);
  // Nothing of it acts on the person's terminal.
  expect(stderr.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
};

test('I12: every flag of every command refuses what it cannot be, by name, before anything is done', async () => {
  for (const [name, { flags }] of await allCommands()) {
    for (const [key, flag] of Object.entries(flags))
      for (const value of wrongValues(flag))
        await expectUsageError([...name.split(' '), `--${key}=${value}`], `--${key}`);
    for (const unknown of ['--__proto__', '--constructor', '--no\x1b[2Jsuch', '--\u202eevil'])
      await expectUsageError([...name.split(' '), unknown], 'Unknown flag');
  }
});

test('I12: every argument with a form refuses another one, by name; missing and superfluous ones are told', async () => {
  for (const [name, { positionals = [], rest }] of await allCommands()) {
    const [first] = positionals;
    if (first?.format !== undefined || first?.choices !== undefined)
      for (const text of Object.values(hostileTexts).filter((value) => !first.format?.pattern.test(value)))
        await expectUsageError([...name.split(' '), text], `<${first.name}>`);
    if (first !== undefined && first.optional !== true) await expectUsageError(name.split(' '), `<${first.name}>`);
    const tooMany = Array.from({ length: positionals.length + 1 }, () => '');
    if (rest === undefined)
      await expectUsageError([...name.split(' '), ...tooMany], positionals.length === 0 ? 'argument' : '<');
  }
  for (const text of Object.values(hostileTexts).filter((value) => value !== ''))
    await expectUsageError([text], 'no command');
});

test('I5: every key of the configuration refuses what it cannot be, by name', () => {
  const home = mkdtempSync(join(tmpdir(), 'nv-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const wrong: unknown[] = [
    null,
    true,
    -1,
    1.5,
    1e300,
    [],
    [1],
    {},
    { x: 1 },
    'a\0b',
    '\x1b[2J',
    '../x',
    'x'.repeat(10_000_000),
  ];
  const refusalOf = (content: string): NavisError => {
    writeFileSync(join(home, 'config.json'), content);
    try {
      composeConfig({ flags: { foreground: false, endHosts: false, help: false, home }, variables: {} });
    } catch (error) {
      if (error instanceof NavisError) return error;
      throw error;
    }
    throw new Error(`taken: ${content.slice(0, 100)}`);
  };
  const isPossible: Record<string, (value: unknown) => boolean> = {
    origins: (value) => Array.isArray(value) && value.length === 0,
    bridge: (value) => JSON.stringify(value) === '{}',
    detachKeys: (value) => typeof value === 'string' && value.length <= 100,
  };
  for (const key of [
    'port',
    'listen',
    'origins',
    'bridge',
    'certificate',
    'terminalIdleSeconds',
    'logLevel',
    'detachKeys',
  ])
    for (const value of wrong.filter((one) => isPossible[key]?.(one) !== true)) {
      const { code, field, message } = refusalOf(JSON.stringify({ [key]: value }));
      expect({ key, code }).toEqual({ key, code: 'INVALID_ARGUMENT' });
      expect(field).toMatch(new RegExp(`^${key}(\\.|$)`));
      expect(message.length).toBeLessThan(1000);
    }
  for (const key of ['__proto__', 'constructor', 'prot', 'a\u001b[2Jb'])
    expect(refusalOf(`{${JSON.stringify(key)}: 1}`)).toMatchObject({ code: 'INVALID_ARGUMENT', field: key });
});
