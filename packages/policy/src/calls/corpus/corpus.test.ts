/** Nothing that changes something hides from the question, and ordinary reading is not asked about (A1, A8, T26). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideCall } from '../decide-call.ts';
import { evasiveCommands } from './evasive.fixture.ts';
import { readingCommands } from './reading.fixture.ts';

const place = { home: '/home/me', directory: '/home/me/app' };
const now = '2026-01-01T00:00:00.000Z';
const decide = (given: Record<string, unknown>, tool = 'terminal') =>
  decideCall({
    mode: 'risky',
    rules: [],
    place,
    now,
    call: { tool, arguments: given, sessionId: 's_aaaaaaaa', userId: 'u', nodeId: 'main' },
  });
const effectOf = (command: string): string => decide({ action: 'run', command }).decision.effect;
const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

test('A1: the corpus is large enough to mean something', () => {
  const evasive = Object.values(evasiveCommands).flat();
  expect(new Set(evasive).size).toBeGreaterThan(1000);
  expect(new Set(readingCommands).size).toBeGreaterThan(300);
});

describe.each(Object.entries(evasiveCommands))('A1: asked for: %s', (_, commands) => {
  test.each(commands)('%j', (command) => {
    expect(effectOf(command)).toBe('ask');
    const open = { action: 'open', terminal_name: 'x', description: 'y', command };
    expect(decide(open).decision.effect).toBe('ask');
    expect(decide({ action: 'run', terminal_name: 'x', command }).decision.effect).toBe('ask');
    expect(decide({ action: 'send_input', terminal_name: 'x', input: `${command}\n` }).decision.effect).toBe('ask');
    expect(decide({ language: 'shell', code: command }, 'code_exec').decision.effect).toBe('ask');
  });
});

describe('A1: asked for in a shell that is open, which may be zsh, fish or sh', () => {
  test.each([
    'set -x PATH /tmp/evil',
    'set -gx FOO x',
    'set fish_function_path ./x',
    "ls 'a\\'' ; rm x #'",
    "ls $'a\\'; rm x #'",
    'history clear',
    'path[1]=/tmp/evil; ls',
    'path=/tmp/evil',
    'for path in /tmp/evil; do ls; done',
    "aliases[ls]='rm x'; ls",
    'READNULLCMD=sh; < x',
    'precmd_functions=rm',
    'read FOO < f',
    'typeset -T FOO path',
    '[[ a || reboot ]]',
    'exit',
    'ls; exit 1',
    'logout',
    'builtin exit',
    'exec ls',
    'fg',
    'bg',
    'suspend',
    'umask 0',
    'ulimit -f 0',
    'ulimit -f0',
    'ulimit -funlimited',
    "trap '' INT",
    'echo a &>/dev/null rm x',
    `echo "\${x-'}"; rm x; echo "'}"`,
  ])('%j', (command) => {
    expect(decide({ action: 'run', terminal_name: 'x', command }).decision.effect).toBe('ask');
  });

  test.each([
    'ls -la',
    'git status',
    'FORCE_COLOR=1 git log',
    'for f in a b; do ls; done; pwd',
    'umask',
    'ulimit -a',
    'ulimit -Sn',
  ])('and not for %j', (command) => {
    expect(decide({ action: 'run', terminal_name: 'x', command }).decision.effect).toBe('allow');
  });
});

describe('A1: not asked for', () => {
  test.each(readingCommands)('%j', (command) => {
    const { decision, reasons } = decide({ action: 'run', command });
    expect([decision.effect, reasons]).toEqual(['allow', []]);
  });
});

const disguises: readonly ((text: string) => string)[] = [
  (text) => `ls; ${text}`,
  (text) => `true && { ${text}\n}`,
  (text) => `(${text}\n)`,
  (text) => `echo "$(${text}\n)"`,
  (text) => `bash -c ${quote(text)}`,
  (text) => `eval ${quote(text)}`,
  (text) => `timeout 5 sh -ec ${quote(text)}`,
  (text) => `nice env bash -c ${quote(text)}`,
  (text) => `if true; then ${text}\nfi`,
  (text) => `for i in 1; do ${text}\ndone`,
  (text) => `cat <(${text}\n)`,
  (text) => `f() { ${text}\n}; f`,
  (text) => `trap ${quote(text)} EXIT`,
  (text) => `[[ -n $(${text}\n) ]]`,
  (text) => `x=$(${text}\n)`,
  (text) => `find . -exec sh -c ${quote(text)} \\;`,
  (text) => `echo a | while read l; do ${text}\ndone`,
  (text) => `cat <<X${text.length}Y\n$(${text}\n)\nX${text.length}Y\n`,
];

/** No shell runs them as they stand; parentheses around them may make a plain `cat` of nothing of them. */
const unfinished: ReadonlySet<string> = new Set(['cat <<A)\nA']);

test('A1: no disguise makes anything of the corpus run unasked', () => {
  const evasive = Object.values(evasiveCommands)
    .flat()
    .filter((command) => !unfinished.has(command));
  fc.assert(
    fc.property(
      fc.constantFrom(...evasive),
      fc.array(fc.constantFrom(...disguises), { minLength: 1, maxLength: 3 }),
      (command, chosen) => {
        const text = chosen.reduce((inner, disguise) => disguise(inner), command);
        expect(effectOf(text), text).toBe('ask');
      },
    ),
    { numRuns: 2000 },
  );
});

test('A1: reading stays reading beside reading, and never beside what changes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...readingCommands), { minLength: 1, maxLength: 4 }),
      fc.constantFrom(...Object.values(evasiveCommands).flat()),
      fc.nat(4),
      (commands, evasive, at) => {
        const together = commands.join('\n');
        expect(effectOf(together), together).toBe('allow');
        const mixed = commands.toSpliced(at, 0, evasive).join('\n');
        expect(effectOf(mixed), mixed).toBe('ask');
      },
    ),
    { numRuns: 500 },
  );
});

test('A8: one directory up is the home, where a search meets secrets: going there is reading, searching there asks', () => {
  expect(effectOf('cd .. ; pwd')).toBe('allow');
  for (const search of ['cd .. ; rg TODO', 'rg TODO ; cd .. ; pwd', 'cd .. && grep -r foo .'])
    expect(effectOf(search), search).toBe('ask');
});

test('A1: any text at all is answered, and only known programs run unasked', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 40 }), (text) => {
      const { decision, described } = decide({ action: 'run', command: text });
      if (decision.effect !== 'allow') return;
      expect(described.command?.unknown, text).toEqual([]);
    }),
    { numRuns: 2000 },
  );
});
