import { expect, test } from 'vitest';
import { decide, parseAllowedCommands } from './index.ts';
import type { PolicyDecision } from '@navisai/protocol';

const judge = (setting: string | undefined, command: string): PolicyDecision =>
  decide(
    { allowedCommands: parseAllowedCommands(setting) },
    { tool: 'terminal', command },
    { userId: 'u', origin: 'person' },
  );

test.each([undefined, '*', ' * '])('T27: with TERMINAL_ALLOWED_COMMANDS %j anything runs', (setting) => {
  for (const command of ['rm -rf x', '$x', 'echo "broken', '']) expect(judge(setting, command).effect).toBe('allow');
});

test.each(['', ' ', ',', ' , '])('T27: with TERMINAL_ALLOWED_COMMANDS %j nothing runs', (setting) => {
  for (const command of ['ls', 'cd /tmp', ':', '# nothing', 'x=1']) expect(judge(setting, command).effect).toBe('deny');
});

test('T27: a list allows its programs in every part of a command line', () => {
  const setting = 'ls, cat ,bash,xargs,/opt/tool';
  for (const command of [
    'ls | cat',
    'cat <(ls)',
    "cd x && bash -c 'ls; cat'",
    '/opt/tool x',
    'ls | xargs cat',
    'x=1',
  ]) {
    expect(judge(setting, command).effect, command).toBe('allow');
  }
});

test('T27: a list refuses everything else, naming it', () => {
  const setting = 'ls,cat,bash,echo';
  const refused: [command: string, subject: string][] = [
    ['lsblk', 'lsblk'],
    ['ls; rm x', 'rm'],
    ['echo $(id)', 'id'],
    ["bash -c 'rm x'", 'rm'],
    ['/bin/ls', '/bin/ls'],
    ['./ls', './ls'],
    ['/tmp/../bin/ls', '/tmp/../bin/ls'],
    ['ls() { rm; }; ls', 'rm'],
    ['echo rm | bash', 'bash'],
    ['echo ls rm; true', 'true'],
    ['LS', 'LS'],
    ['*', '*'],
    ['ls,cat', 'ls,cat'],
    ['PATH=/tmp ls', 'PATH=/tmp'],
    ['__proto__', '__proto__'],
    ['constructor x', 'constructor'],
  ];
  for (const [command, subject] of refused) {
    const decision = judge(setting, command);
    expect(decision.effect, command).toBe('deny');
    expect(decision.decidedBy.subject, command).toBe(subject);
  }
});

test('T27: the decision tells its rule and every step', () => {
  const decision = judge('ls', 'ls | rm x | cat');
  expect(decision.decidedBy).toEqual({
    rule: 'allowed-commands',
    subject: 'rm',
    effect: 'deny',
    reason: 'rm is not in TERMINAL_ALLOWED_COMMANDS.',
    source: 'TERMINAL_ALLOWED_COMMANDS',
  });
  expect(decision.trace.map(({ subject, effect }) => [subject, effect])).toEqual([
    ['ls', 'allow'],
    ['rm', 'deny'],
    ['cat', 'deny'],
  ]);
});

test('T27: a path is allowed by exactly that path only', () => {
  expect(judge('/usr/bin/ls', 'ls').effect).toBe('deny');
  expect(judge('/usr/bin/ls', '/usr/bin/ls').effect).toBe('allow');
  expect(judge('ls', '/usr/bin/ls').decidedBy.reason).toContain('exactly this path');
});
