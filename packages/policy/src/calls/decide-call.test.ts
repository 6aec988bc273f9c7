/** What asks, what runs, what is refused, of calls that no person made (A1). */
import { newId } from '@navisai/protocol';
import type { ApprovalsMode, CallMatcher, Rule } from '@navisai/protocol';
import { describe, expect, test } from 'vitest';
import { decideCall, stricterMode } from './decide-call.ts';
import type { CallDecision } from './decide-call.ts';

const place = { home: '/home/me', directory: '/home/me/app' };
const sessionId = 's_aaaaaaaa';
const now = '2026-01-01T00:00:00.000Z';

interface Asked {
  tool?: string;
  arguments: unknown;
  mode?: ApprovalsMode;
  rules?: Rule[];
}

const ask = ({ tool = 'terminal', arguments: given, mode = 'risky', rules = [] }: Asked): CallDecision =>
  decideCall({ mode, rules, place, now, call: { tool, arguments: given, sessionId, userId: 'u_1', nodeId: 'main' } });
const run = (command: string, more: Partial<Asked> = {}): CallDecision =>
  ask({ arguments: { action: 'run', command }, ...more });
const effect = (decision: CallDecision): string => decision.decision.effect;

const rule = (matcher: Partial<CallMatcher>, facts: Partial<Rule> = {}): Rule => ({
  id: newId('rule'),
  effect: 'allow',
  matcher: { tools: ['terminal'], ...matcher },
  nodes: null,
  sessionId: null,
  userId: 'u_1',
  description: '',
  createdAt: now,
  expiresAt: null,
  createdBy: 'd_aaaaaaaa',
  ...facts,
});

describe('A1: modes', () => {
  test('A1: risky lets reading run and asks for the rest, naming what it saw', () => {
    expect(effect(run('git status && ls -la'))).toBe('allow');
    const asked = run('git status && rm -r build');
    expect(asked.decision).toMatchObject({ effect: 'ask', decidedBy: { rule: 'approvals', subject: 'risky' } });
    expect(asked.risk).toBe('destruction');
    expect(asked.reasons.map(({ text }) => text)).toContain('rm');
  });

  test('A1: never asks for nothing but what is unmasked, and denies what a rule denies', () => {
    expect(effect(run('rm -rf /', { mode: 'never' }))).toBe('allow');
    expect(effect(ask({ arguments: { action: 'run', command: 'ls', unconfined: true }, mode: 'never' }))).toBe('ask');
    const forbidden = [rule({ commandPrefixes: ['git push'] }, { effect: 'deny' })];
    expect(effect(run('git push origin', { mode: 'never', rules: forbidden }))).toBe('deny');
    expect(effect(run('/usr/bin/git push', { mode: 'never', rules: forbidden }))).toBe('deny');
    expect(effect(run('eval "$x"', { mode: 'never', rules: forbidden }))).toBe('deny');
    expect(effect(run('git status', { mode: 'never', rules: forbidden }))).toBe('allow');
  });

  test('A1: always asks for everything that touches something', () => {
    expect(effect(run('ls', { mode: 'always' }))).toBe('ask');
    expect(effect(ask({ tool: 'tool_manual', arguments: {}, mode: 'always' }))).toBe('allow');
  });

  test('A1: the stricter mode counts', () => {
    expect(stricterMode('never', 'risky')).toBe('risky');
    expect(stricterMode('always', 'never', undefined)).toBe('always');
  });
});

describe('A1: every tool', () => {
  const table: [string, unknown, string, string][] = [
    ['terminal', { action: 'list' }, 'allow', 'reading'],
    ['terminal', { action: 'status', terminal_name: 'x' }, 'allow', 'reading'],
    ['terminal', { action: 'close', terminal_name: 'x' }, 'ask', 'changing'],
    ['terminal', { action: 'open', terminal_name: 'x', description: 'y', command: 'bash' }, 'allow', 'reading'],
    ['terminal', { action: 'open', terminal_name: 'x', description: 'y', command: 'npm run dev' }, 'ask', 'changing'],
    ['terminal', { action: 'send_input', terminal_name: 'x', input: 'ls\n' }, 'ask', 'unknown'],
    ['terminal', { action: 'send_input', terminal_name: 'x', input: 'sudo ls\n' }, 'ask', 'privilege'],
    ['terminal', { action: 'run', terminal_name: 'x', command: 'ls' }, 'allow', 'reading'],
    ['terminal', { action: 'run', terminal_name: 'x', command: 'ls *(e:x:)' }, 'ask', 'unknown'],
    ['filesystem', { action: 'read', path: 'src/a.ts' }, 'allow', 'reading'],
    ['filesystem', { action: 'read', path: 'navis://output/c_aaaaaaaa' }, 'allow', 'reading'],
    ['filesystem', { action: 'read', path: '.env' }, 'ask', 'privilege'],
    ['filesystem', { action: 'read', path: 'id_rsa', working_dir: '~/.ssh' }, 'ask', 'privilege'],
    ['filesystem', { action: 'grep', path: '~/.aws', pattern: 'x' }, 'ask', 'privilege'],
    ['filesystem', { action: 'list', path: '~' }, 'allow', 'reading'],
    ['filesystem', { action: 'write', path: 'a.ts', content: 'x' }, 'ask', 'changing'],
    ['filesystem', { action: 'write', path: '~/.bashrc', content: 'x' }, 'ask', 'privilege'],
    ['filesystem', { action: 'write', path: '.git/hooks/pre-commit', content: 'x' }, 'ask', 'privilege'],
    ['filesystem', { action: 'edit', path: 'a.ts', edits: [{ find: 'a', replace: 'b' }] }, 'ask', 'changing'],
    ['filesystem', { action: 'copy', path: '~/.ssh/id_ed25519', to: 'x' }, 'ask', 'privilege'],
    ['filesystem', { action: 'copy', path: 'a', to: 'b', to_node_id: 'nas' }, 'ask', 'network'],
    ['filesystem', { action: 'delete', path: 'a', recursive: true }, 'ask', 'destruction'],
    ['filesystem', { action: 'delete', path: 'a', dry_run: true }, 'allow', 'reading'],
    ['code_exec', { language: 'python', code: 'print(1)' }, 'ask', 'unknown'],
    ['code_exec', { language: 'shell', code: 'sudo ls' }, 'ask', 'privilege'],
    ['ssh_exec', { action: 'run', host: 'h', command: 'ls' }, 'ask', 'network'],
    ['ssh_exec', { action: 'run', host: 'h', command: 'rm -rf /' }, 'ask', 'destruction'],
    ['ssh_exec', { action: 'upload', host: 'h', local_path: '~/.netrc', remote_path: 'x' }, 'ask', 'privilege'],
    ['spawn_agent', { task: 'x' }, 'allow', 'reading'],
    ['some_server_tool', {}, 'ask', 'unknown'],
  ];
  test.each(table)('A1: %s %j: %s, %s', (tool, given, expected, risk) => {
    const decision = ask({ tool, arguments: given });
    expect([effect(decision), decision.risk]).toEqual([expected, risk]);
  });

  test('A1: arguments that the tool will not take are refused, whatever the mode', () => {
    const decision = ask({ arguments: { action: 'foo' }, mode: 'never' });
    expect(decision.decision).toMatchObject({ effect: 'deny', decidedBy: { rule: 'arguments' } });
  });
});

describe('A2: rules', () => {
  test('A2: what denies outweighs what asks, which outweighs what allows; the trace names the rule', () => {
    const allow = rule({ commandPrefixes: ['npm test'] });
    const allowed = run('npm test --silent', { rules: [allow] });
    expect(allowed.decision).toMatchObject({ effect: 'allow', decidedBy: { rule: allow.id } });
    expect(allowed.allowedBy).toBe(allow);
    const asks = rule({ commandPrefixes: ['npm'] }, { effect: 'ask' });
    expect(effect(run('npm test', { rules: [allow, asks] }))).toBe('ask');
    const denies = rule({}, { effect: 'deny' });
    expect(effect(run('npm test', { rules: [allow, asks, denies] }))).toBe('deny');
  });

  test.each([
    'npm test; curl x',
    'npm test && npm run x',
    'npm tests',
    'npm test > ~/.bashrc',
    'npm test $(x)',
    'npm test "$x"',
    'npm test *',
    'npm_config_script_shell=/tmp/x npm test',
    'X=1 npm test',
    'sudo npm test',
    'env npm test',
    'npm() { rm x; }; npm test',
    'echo | xargs npm test',
    '/tmp/npm test',
    './npm test',
  ])('A2: a prefix does not cover %j', (command) => {
    expect(effect(run(command, { rules: [rule({ commandPrefixes: ['npm test'], maxRisk: 'destruction' })] }))).toBe(
      'ask',
    );
  });

  test('A2: a prefix covers nothing graver than the rule says', () => {
    const git = rule({ commandPrefixes: ['git'] });
    expect(effect(run('git commit -m x', { rules: [git] }))).toBe('allow');
    expect(effect(run('git push', { rules: [git] }))).toBe('ask');
    expect(effect(run('git push --force', { rules: [rule({ commandPrefixes: ['git'], maxRisk: 'network' })] }))).toBe(
      'ask',
    );
  });

  test.each([
    ['another session', { sessionId: 's_bbbbbbbb' }],
    ['another node', { nodes: ['nas'] }],
    ['another user', { userId: 'u_2' }],
    ['expired', { expiresAt: now }],
  ] as [string, Partial<Rule>][])('A2: a rule does not hold: %s', (_, facts) => {
    expect(effect(run('npm test', { rules: [rule({}, facts)] }))).toBe('ask');
  });

  test('A2: directories: every path lies in them, however it is written', () => {
    const rules = [rule({ tools: ['filesystem', 'terminal'], directories: ['~/app'] })];
    const write = (path: string): string =>
      effect(ask({ tool: 'filesystem', arguments: { action: 'write', path, content: '' }, rules }));
    expect(write('src/x')).toBe('allow');
    expect(write('/home/me/app/x')).toBe('allow');
    expect(write('../x')).toBe('ask');
    expect(write('/home/me/application/x')).toBe('ask');
    expect(write('.git/config')).toBe('ask');
    expect(effect(run('touch src/x', { rules }))).toBe('allow');
    expect(effect(run('touch ../x', { rules }))).toBe('ask');
    expect(effect(run('cp --target-directory=/tmp x', { rules }))).toBe('ask');
    expect(effect(run('cd .. && touch x', { rules }))).toBe('ask');
    expect(effect(run('touch $HOME/x', { rules }))).toBe('ask');
  });

  test('A2: nothing allows what is unmasked', () => {
    const rules = [rule({ maxRisk: 'destruction' })];
    expect(effect(ask({ arguments: { action: 'run', command: 'ls', unconfined: true }, rules }))).toBe('ask');
  });

  test.each([
    ['npm run build', 'npm run deploy'],
    ['npm run build', 'npm run build --script-shell=./evil'],
    ['npm test', 'npm test; rm x'],
    ['npm test', 'npm test && rm -rf x'],
    ['npm test', 'npm test $(rm x)'],
    ['npm test', 'npm test > x'],
    ['npm test', 'X=1 npm test'],
    ['bundle exec rspec', 'bundle exec sh -c evil'],
    ['make', 'make install'],
    ['git commit -m x', 'git -c core.editor=./evil commit'],
    ['git commit -m x', 'git push'],
    ['git fetch', 'git fetch --upload-p=./evil .'],
    ['rm one', 'rm --rec .'],
    ['cd src && cp a b', 'cd /etc && cp a passwd'],
    ['cp a b', 'cp a .git/hooks/pre-commit'],
    ['touch a', 'touch a; kill 1'],
  ])('A2: what was granted for %j does not cover %j', (shown, other) => {
    const { proposed } = run(shown);
    const rules = [rule(proposed ?? {})];
    expect(effect(run(shown, { rules }))).toBe('allow');
    expect(effect(run(other, { rules }))).toBe('ask');
  });

  test('N12: what is typed is granted once only, for its terminal; no rule about a text covers it', () => {
    const typed = (rules: Rule[]) =>
      ask({ arguments: { action: 'send_input', terminal_name: 'production', input: 'y\n' }, rules });
    expect(typed([]).proposed).toBeNull();
    expect(effect(typed([rule({ command: 'y\n', maxRisk: 'unknown' })]))).toBe('ask');
    expect(effect(typed([rule({ tools: ['terminal.send_input'], maxRisk: 'unknown' })]))).toBe('allow');
  });

  test('A2: what a grant proposes covers the call that it was made for, and not another', () => {
    const calls: [string, string][] = [
      ['npm run build', 'npm publish'],
      ['touch a && mkdir b', 'touch a && rm b'],
      ['python3 x.py', 'python3 y.py'],
      ['rm -r build', 'rm -r src'],
      ['curl https://a', 'wget https://a'],
      ['echo a > b', 'echo a > c'],
    ];
    for (const [command, other] of calls) {
      const { proposed } = run(command);
      const rules = [rule(proposed ?? {})];
      expect(proposed, command).not.toBeNull();
      expect(effect(run(command, { rules })), command).toBe('allow');
      expect(effect(run(other, { rules })), other).toBe('ask');
    }
  });

  test('A2: what reads in its directory what it does is granted for that directory', () => {
    const rules = [rule(run('npm run build').proposed ?? {})];
    expect(effect(run('npm run build', { rules }))).toBe('allow');
    expect(effect(run('npm run build -- --verbose', { rules }))).toBe('allow');
    const elsewhere = { action: 'run', command: 'npm run build', working_dir: '/tmp/other' };
    expect(effect(ask({ arguments: elsewhere, rules }))).toBe('ask');
    const below = { ...elsewhere, working_dir: '/home/me/app/web' };
    expect(effect(ask({ arguments: below, rules }))).toBe('allow');
  });

  test('A2: what a grant of a change of files proposes covers it and its siblings, never all that a person has', () => {
    const write = (path: string, more: object = {}, rules: Rule[] = []): CallDecision =>
      ask({ tool: 'filesystem', arguments: { action: 'write', path, content: '', ...more }, rules });
    const calls: [string, object, string, string][] = [
      ['notes.md', {}, 'other.md', '~/taxes.xlsx'],
      ['src/a.ts', {}, 'src/b.ts', 'test/a.ts'],
      ['a.ts', { working_dir: '/srv/prod' }, '/srv/prod/b.ts', '/srv/other/a.ts'],
      ['~/app/src/a.ts', {}, 'src/b.ts', '~/app/a.ts'],
    ];
    for (const [path, more, sibling, other] of calls) {
      const rules = [rule({ ...write(path, more).proposed, tools: ['filesystem'] })];
      expect(effect(write(path, more, rules)), path).toBe('allow');
      expect(effect(write(sibling, {}, rules)), sibling).toBe('allow');
      expect(effect(write(other, {}, rules)), other).toBe('ask');
    }
    for (const path of ['~/notes.md', '/home/me/notes.md', '/notes']) {
      const rules = [rule({ ...write(path).proposed, tools: ['filesystem'] })];
      expect(effect(write(path, {}, rules)), path).toBe('allow');
      expect(effect(write(`${path}2`, {}, rules)), path).toBe('ask');
    }
  });

  test('A1: the text of a call holds every argument that has an effect', () => {
    const textOf = (tool: string, given: object): string => {
      const { described } = ask({ tool, arguments: given });
      return described.text;
    };
    const file = { path: 'a', to: 'b' };
    expect(textOf('filesystem', { action: 'write', path: 'a', content: 'x', mode: '755', create_parents: true })).toBe(
      'write a (mode 755, with missing directories)\nx',
    );
    expect(textOf('filesystem', { action: 'copy', ...file, recursive: true, overwrite: true })).toBe(
      'copy a to b (with all that is in it, replacing it)',
    );
    const host_key = `SHA256:${'a'.repeat(43)}`;
    expect(textOf('ssh_exec', { action: 'run', host: 'h', command: 'ls', host_key, identity_file: '~/.ssh/k' })).toBe(
      `ssh h (accepting the host key ${host_key}, with the key ~/.ssh/k)\nls`,
    );
    const download = { action: 'download', host: 'h', remote_path: 'r', local_path: 'l', overwrite: true };
    expect(textOf('ssh_exec', download)).toBe('download h:r to l (replacing it)');
    const plain = { action: 'run', host: 'h', command: 'ls' };
    const rules = [rule({ ...ask({ tool: 'ssh_exec', arguments: plain }).proposed, tools: ['ssh_exec'] })];
    expect(effect(ask({ tool: 'ssh_exec', arguments: plain, rules }))).toBe('allow');
    expect(effect(ask({ tool: 'ssh_exec', arguments: { ...plain, host_key }, rules }))).toBe('ask');
  });

  test('A1: a file that runs with the rights of its owner is a question of privilege', () => {
    const write = (mode: string): string =>
      ask({ tool: 'filesystem', arguments: { action: 'write', path: 'a', content: '', mode } }).risk;
    expect(['4755', '2755', '6755'].map(write)).toEqual(['privilege', 'privilege', 'privilege']);
    expect(['755', '1777', '0644'].map(write)).toEqual(['changing', 'changing', 'changing']);
  });

  test('A2: one reason says what a program does, the gravest', () => {
    const reasons = (command: string) => run(command).reasons.map(({ text, reason }) => `${text}: ${reason}`);
    expect(reasons('rm -rf build')).toEqual(['rm: It removes more than the files that it names.']);
    expect(reasons('rm build')).toEqual(['rm: It changes files.']);
    expect(reasons('chmod 600 notes')).toEqual(['chmod: It changes rights of files.']);
  });
});
