import { policyDecisionSchema } from '@navisai/protocol';
import type { Ceiling, PolicyDecision } from '@navisai/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { confinementOf, contains, decide, isWithin, momentOf, parseAllowedCommands } from './index.ts';
import type { PolicyCall, PolicyRules } from './index.ts';

const home = '/home/ada';
const file = '/home/ada/.navis/policy.json';
const person = { userId: 'u', origin: 'person' } as const;
const noon = { day: 3, minuteOfDay: 12 * 60 };

const rulesOf = (ceiling: Ceiling | null, overlay: Ceiling | null = null, allowed?: string): PolicyRules => ({
  allowedCommands: parseAllowedCommands(allowed),
  layers: [
    ...(ceiling === null ? [] : [{ ceiling, source: file }]),
    ...(overlay === null ? [] : [{ ceiling: overlay, source: 'hub overlay' }]),
  ],
  // As of a machine: without any rule nothing is protected either.
  protectedPaths:
    ceiling === null && overlay === null
      ? undefined
      : { hidden: ['/home/ada/.navis', '/proc'], readOnly: ['/etc', '/usr'] },
  home,
});
const judge = (ceiling: Omit<Ceiling, 'version'>, call: Partial<PolicyCall>): PolicyDecision =>
  decide(rulesOf({ version: 1, ...ceiling }), { tool: 'terminal', action: 'run', at: noon, ...call }, person);

describe('N12: what a ceiling allows', () => {
  const rows: [Omit<Ceiling, 'version'>, Partial<PolicyCall>, 'allow' | 'deny', rule: string][] = [
    [{}, { command: 'rm -rf /' }, 'allow', 'allowed-commands'],
    [{ tools: ['terminal'] }, { command: 'ls' }, 'allow', 'tools'],
    [{ tools: ['terminal.run'] }, { action: 'run' }, 'allow', 'tools'],
    [{ tools: ['terminal.run'] }, { action: 'open' }, 'deny', 'tools'],
    [{ tools: [] }, { tool: 'filesystem', action: 'read' }, 'deny', 'tools'],
    [{ tools: [] }, { tool: 'tool_manual', action: undefined }, 'allow', 'none'],
    [{ programs: ['ls'] }, { command: 'ls | wc' }, 'deny', 'programs'],
    [{ programs: ['ls'] }, { command: 'cd /tmp; ls' }, 'allow', 'programs'],
    [{ programs: [] }, { command: 'x=1' }, 'deny', 'programs'],
    [{ programs: ['ls'] }, { command: '$x' }, 'deny', 'programs'],
    [{ hours: [{ from: '08:00', to: '18:00' }] }, { command: 'ls' }, 'allow', 'hours'],
    [{ hours: [{ from: '22:00', to: '06:00' }] }, { command: 'ls' }, 'deny', 'hours'],
    [{ hours: [] }, { action: 'close' }, 'allow', 'none'],
    [{ hours: [] }, { tool: 'filesystem', action: 'read' }, 'deny', 'hours'],
    [{ readOnly: true }, { command: 'cat x | sort | head -3 2>/dev/null' }, 'allow', 'readOnly'],
    [{ readOnly: true }, { command: 'find . -name x' }, 'allow', 'readOnly'],
    [{ readOnly: true }, { command: "sed -n '1,5p' x" }, 'allow', 'readOnly'],
    [{ readOnly: true }, { command: "sed 's/a/b/w out' x" }, 'deny', 'readOnly'],
    [{ readOnly: true }, { command: 'sed -i s/a/b/ x' }, 'deny', 'readOnly'],
    [{ readOnly: true }, { command: 'find . -delete' }, 'deny', 'readOnly'],
    [{ readOnly: true }, { command: 'sort -o x x' }, 'deny', 'readOnly'],
    [{ readOnly: true }, { command: 'echo hi > x' }, 'deny', 'readOnly'],
    [{ readOnly: true }, { command: 'ls | xargs rm' }, 'deny', 'readOnly'],
    [{ readOnly: true }, { command: 'touch x' }, 'deny', 'readOnly'],
    [{ readOnly: true }, { tool: 'filesystem', action: 'write', access: 'change' }, 'deny', 'readOnly'],
    [{ readOnly: true }, { tool: 'filesystem', action: 'read', access: 'read' }, 'allow', 'none'],
    [{ network: false }, { tool: 'ssh_exec', action: 'run' }, 'deny', 'network'],
    [{ network: false }, { command: 'curl x' }, 'allow', 'network'],
    [
      { directories: [{ path: '~/work', access: 'read' }] },
      { path: { path: `${home}/work/x`, access: 'read' } },
      'allow',
      'directories',
    ],
    [
      { directories: [{ path: '~/work', access: 'read' }] },
      { path: { path: `${home}/work/x`, access: 'write' } },
      'deny',
      'directories',
    ],
    [
      { directories: [{ path: '~/work', access: 'read' }] },
      { path: { path: `${home}/work2`, access: 'read' } },
      'deny',
      'directories',
    ],
    [
      { directories: [{ path: '~/work/', access: 'write' }] },
      { path: { path: `${home}/work/../x`, access: 'read' } },
      'deny',
      'directories',
    ],
    [
      {
        directories: [
          { path: '~/a', access: 'write' },
          { path: '~/a/b', access: 'read' },
        ],
      },
      { path: { path: `${home}/a/b/c`, access: 'write' } },
      'deny',
      'directories',
    ],
    [
      { directories: [{ path: '/', access: 'write' }] },
      { path: { path: `${home}/.navis/key`, access: 'read' } },
      'deny',
      'hidden',
    ],
    [
      { directories: [{ path: '/', access: 'write' }] },
      { path: { path: '/proc/1/environ', access: 'read' } },
      'deny',
      'hidden',
    ],
    [
      { directories: [{ path: '/', access: 'write' }] },
      { path: { path: '/etc/cron.d/x', access: 'write' } },
      'deny',
      'system',
    ],
    [
      { directories: [{ path: '/etc/nginx', access: 'write' }] },
      { path: { path: '/etc/nginx/x', access: 'write' } },
      'allow',
      'directories',
    ],
    [{ directories: [] }, { command: 'ls', workingDirectory: home }, 'allow', 'directories'],
    [{ directories: [] }, { command: 'ls', workingDirectory: '/var/log' }, 'deny', 'directories'],
    [{}, { command: 'ls', workingDirectory: `${home}/.navis` }, 'deny', 'hidden'],
  ];
  test.each(rows)('%j and %j: %s by %s', (ceiling, call, effect, rule) => {
    const decision = judge(ceiling, call);
    expect(decision).toMatchObject({ effect, decidedBy: { rule } });
    expect(policyDecisionSchema.safeParse(decision).success).toBe(true);
  });

  test('each step tells where its rule lives', () => {
    const rules = rulesOf({ version: 1, programs: ['ls'] }, { version: 1, tools: ['terminal'] }, 'ls,cat');
    const { trace } = decide(rules, { tool: 'terminal', action: 'run', command: 'cat x', at: noon }, person);
    expect(trace.map(({ rule, source, effect }) => [rule, source, effect])).toEqual([
      ['programs', file, 'deny'],
      ['tools', 'hub overlay', 'allow'],
      ['allowed-commands', 'TERMINAL_ALLOWED_COMMANDS', 'allow'],
    ]);
  });

  test('a window over midnight belongs to the day on which it begins', () => {
    const hours = [{ days: ['fri' as const], from: '22:00', to: '02:00' }];
    const at = (text: string): string => judge({ hours }, { command: 'ls', at: momentOf(new Date(text)) }).effect;
    expect(at('2026-11-20T23:00')).toBe('allow');
    expect(at('2026-11-21T01:59')).toBe('allow');
    expect(at('2026-11-21T02:00')).toBe('deny');
    expect(at('2026-11-20T01:00')).toBe('deny');
  });
});

const path = fc.constantFrom('/', '~', '~/a', '~/a/b', '/etc', '/data', '/data/x', '~/.navis');
const clock = fc.constantFrom('00:00', '06:30', '12:00', '23:59');
const ceilings: fc.Arbitrary<Ceiling> = fc.record(
  {
    version: fc.constant(1 as const),
    tools: fc.subarray(['terminal', 'terminal.run', 'filesystem', 'filesystem.read', 'ssh_exec']),
    programs: fc.subarray(['ls', 'cat', 'rm', '/bin/ls', 'bash']),
    directories: fc.array(fc.record({ path, access: fc.constantFrom('read' as const, 'write' as const) }), {
      maxLength: 4,
    }),
    hours: fc.array(fc.record({ from: clock, to: clock }), { maxLength: 2 }),
    readOnly: fc.boolean(),
    network: fc.boolean(),
  },
  { requiredKeys: ['version'] },
);
const calls: fc.Arbitrary<PolicyCall> = fc.record(
  {
    tool: fc.constantFrom('terminal', 'filesystem', 'ssh_exec', 'code_exec', 'tool_manual'),
    action: fc.constantFrom('run', 'open', 'read', 'write', 'close'),
    access: fc.constantFrom('read' as const, 'change' as const),
    command: fc.oneof(fc.constantFrom('ls', 'cat x > y', 'ls | rm', '$x', 'bash -c "ls; rm x"'), fc.string()),
    workingDirectory: fc.constantFrom('/', home, '/data/x', `${home}/a/b`, '/nowhere'),
    path: fc.record({ path, access: fc.constantFrom('read' as const, 'write' as const) }),
    at: fc.record({ day: fc.nat(6), minuteOfDay: fc.nat(1439) }),
  },
  { requiredKeys: ['tool'] },
);

test('N12: whatever the overlay, it never allows what the ceiling denies; deciding is total and repeats itself', () => {
  const allowed = fc.constantFrom(undefined, 'ls,cat', '');
  fc.assert(
    fc.property(fc.option(ceilings), ceilings, calls, allowed, (ceiling, overlay, call, list) => {
      const alone = decide(rulesOf(ceiling, null, list), call, person);
      const both = decide(rulesOf(ceiling, overlay, list), call, person);
      if (alone.effect === 'deny') expect(both.effect).toBe('deny');
      expect(decide(rulesOf(ceiling, overlay, list), call, person)).toEqual(both);
      expect(policyDecisionSchema.safeParse(both).success).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('N12: what a sandbox holds never grows by an overlay', () => {
  const everything = [{ path: '/', access: 'write' as const }];
  fc.assert(
    fc.property(fc.option(ceilings), ceilings, (ceiling, overlay) => {
      const alone = confinementOf({ ceiling, overlay: null, home, everything });
      const both = confinementOf({ ceiling, overlay, home, everything });
      expect(isWithin(both, alone)).toBe(true);
      expect(isWithin(alone, alone)).toBe(true);
      expect(alone.network || !both.network).toBe(true);
      expect(!alone.readOnly || both.readOnly).toBe(true);
      if (alone.programs !== null)
        for (const program of both.programs ?? ['?']) expect(alone.programs).toContain(program);
      for (const directory of both.directories) {
        const inside = alone.directories.filter((other) => contains(other.path, directory.path));
        expect(inside.length).toBeGreaterThan(0);
        if (directory.access === 'write') expect(inside.some(({ access }) => access === 'write')).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

test('N12: a wider sandbox is told from a narrower one', () => {
  const base = {
    directories: [{ path: '/a', access: 'write' as const }],
    programs: ['ls'],
    network: false,
    readOnly: false,
  };
  const wider = [
    { ...base, network: true },
    { ...base, programs: null },
    { ...base, programs: ['ls', 'rm'] },
    { ...base, directories: [{ path: '/', access: 'read' as const }] },
    { ...base, directories: [...base.directories, { path: '/b', access: 'read' as const }] },
  ];
  for (const other of wider) {
    expect(isWithin(other, base)).toBe(false);
    expect(isWithin(base, { ...other, directories: [...other.directories, ...base.directories] })).toBe(true);
  }
  const partly = { ...base, directories: [...base.directories, { path: '/a/b', access: 'read' as const }] };
  expect(isWithin(base, partly)).toBe(false);
  expect(isWithin(partly, base)).toBe(true);
  expect(isWithin(base, { ...base, readOnly: true })).toBe(false);
});
