import { createColors } from 'picocolors';
import { expect, test } from 'vitest';
import type { NodeOutcome, Outcome } from './fleet.types.ts';
import { AnswerGroups } from './outliers.ts';
import { endText, fleetExitCode, summaryLines, summaryValue, type FleetReport } from './summary.ts';

const plain = createColors(false);

const ended = (exitCode: number, output: string, durationMs = 100): Outcome => ({
  state: exitCode === 0 ? 'succeeded' : 'failed',
  durationMs,
  result: {
    success: exitCode === 0,
    output,
    ...(exitCode === 0 ? {} : { error: { code: 'NON_ZERO_EXIT', message: 'The command ended with 3.' } }),
    metadata: { exit_code: exitCode },
  },
});
const away: Outcome = { state: 'not_run', why: { kind: 'unreachable', reason: 'offline, last seen 3 min ago' } };

const reportOf = (outcomes: Record<string, Outcome>, isInterrupted = false): FleetReport => {
  const nodes = Object.entries(outcomes).map(([name, outcome]): NodeOutcome => ({
    node: { id: `n_${name}`, name },
    outcome,
  }));
  const groups = new AnswerGroups();
  for (const { node, outcome } of nodes)
    if ('result' in outcome)
      groups.add({ name: node.name, hostname: undefined, end: endText(outcome.result), output: outcome.result.output });
  return { command: 'x', selector: 'all', durationMs: 1234, nodes, groups: groups.all, isInterrupted };
};

test('N5: the summary counts, names what failed and did not run, shows outliers with a short diff and the slowest', () => {
  const report = reportOf({
    'web-1': ended(0, 'version 2\nok', 1500),
    'web-2': ended(0, 'version 2\nok', 300),
    'web-3': ended(0, 'version 2\nok', 200),
    'web-4': ended(0, 'version 1\nok', 100),
    'web-5': ended(3, 'broken', 50),
    nas: away,
  });
  expect(summaryLines(report, plain)).toEqual([
    '6 nodes in 1.2 s: 4 succeeded, 1 failed, 1 did not run',
    '  failed      web-5: exit code 3',
    '  not run     nas: offline, last seen 3 min ago',
    '  different   web-4: not as the other 3',
    '                - version 2',
    '                + version 1',
    '  different   web-5: not as the other 3, exit code 3 instead of exit code 0',
    '                - version 2',
    '                - ok',
    '                + broken',
    '  slowest     web-1 1.5 s, web-2 0.3 s, web-3 0.2 s',
  ]);
});

test('N5: where most nodes say different things nobody is an outlier', () => {
  const lines = summaryLines(reportOf({ a: ended(0, '1'), b: ended(0, '2'), c: ended(0, '3') }), plain);
  expect(lines[1]).toBe('  different   3 different answers, none of most nodes');
  expect(summaryLines(reportOf({ a: ended(0, '1') }), plain)).toEqual([
    '1 node in 1.2 s: 1 succeeded, 0 failed, 0 did not run',
  ]);
});

test('N5: exit codes: 0 only when all succeeded, 1 when not, 3 when none could be reached, 130 after an interrupt', () => {
  const code = (outcomes: Outcome[], isInterrupted = false): number =>
    fleetExitCode(reportOf(Object.fromEntries(outcomes.map((one, index) => [`n${index}`, one])), isInterrupted));
  expect(code([ended(0, ''), ended(0, '')])).toBe(0);
  expect(code([ended(0, ''), ended(2, '')])).toBe(1);
  expect(code([ended(0, ''), away])).toBe(1);
  expect(code([away, away])).toBe(3);
  expect(code([{ state: 'not_run', why: { kind: 'draining', reason: 'draining' } }])).toBe(1);
  expect(code([ended(0, '')], true)).toBe(130);
});

test('I12: --json is one document with every node', () => {
  const value = summaryValue(reportOf({ a: ended(0, 'x'), b: ended(0, 'x'), c: ended(3, 'y'), d: away }));
  expect(value).toMatchObject({ succeeded: 2, failed: 1, not_run: 1, interrupted: false });
  expect(value.nodes).toMatchObject([
    { name: 'a', state: 'succeeded', output: 'x', metadata: { exit_code: 0 } },
    { name: 'b' },
    { name: 'c', state: 'failed', error: { code: 'NON_ZERO_EXIT' } },
    { name: 'd', state: 'not_run', why: 'unreachable', reason: 'offline, last seen 3 min ago' },
  ]);
  expect(value.outliers).toEqual([{ nodes: ['c'], end: 'exit code 3', diff: ['- x', '+ y'] }]);
});
