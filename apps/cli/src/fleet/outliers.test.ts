import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AnswerGroups, majorityOf, normalise, type Answer } from './outliers.ts';
import { shortDiff } from './short-diff.ts';

const answer = (name: string, output: string, end = 'exit code 0'): Answer => ({
  name,
  hostname: `${name}.lan`,
  end,
  output,
});

const groupsOf = (...answers: Answer[]) => {
  const groups = new AnswerGroups();
  for (const one of answers) groups.add(one);
  return groups.all;
};

test('N5: nodes that say the same about themselves are one group; another text or end is an outlier', () => {
  const groups = groupsOf(
    answer('web-1', 'web-1.lan up since 12:00:01\n'),
    answer('web-2', '\x1b[32mweb-2.lan up since 09:30:59  \r\n'),
    answer('web-3', 'web-3.lan down since 09:30:59'),
    answer('web-4', 'web-4.lan up since 2026-01-01T10:00:00Z'),
    answer('web-5', 'web-5.lan up since 10:00:00', 'exit code 1'),
  );
  expect(groups.map(({ names }) => names)).toEqual([['web-1', 'web-2', 'web-4'], ['web-3'], ['web-5']]);
  expect(majorityOf(groups)?.names).toContain('web-1');
  expect(majorityOf(groupsOf(answer('a1', 'x'), answer('b1', 'y')))).toBeUndefined();
  expect(majorityOf([])).toBeUndefined();
});

test('N5: what differs really stays different', () => {
  expect(normalise(answer('web', 'web-2 website web'))).toBe('web-2 website <node>');
  expect(normalise(answer('a.b', 'axb a.b'))).toBe('axb <node>');
  expect(normalise(answer('n1', 'version 1.2.3'))).toBe('version 1.2.3');
});

test('N5: every node is in exactly one group', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom('x', 'y', 'z'), fc.constantFrom('0', '1'))), (given) => {
      const groups = groupsOf(...given.map(([text, end], index) => answer(`n${index}`, text, end)));
      const names = groups.flatMap((group) => group.names).toSorted();
      expect(names).toEqual(given.map((_, index) => `n${index}`).toSorted());
      expect(groups.length).toBe(new Set(given.map(([text, end]) => text + end)).size);
    }),
  );
});

test('N5: a diff is short and shows only what changed', () => {
  expect(shortDiff('a\nb\nc', 'a\nx\nc', 6)).toEqual(['- b', '+ x']);
  expect(shortDiff('a', 'a', 6)).toEqual([]);
  expect(shortDiff('', '1\n2\n3\n4\n5\n6\n7', 4)).toEqual(['- ', '+ 1', '+ 2', '… 5 more']);
  const lines = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1 });
  fc.assert(
    fc.property(lines, lines, (from, to) => {
      const changes = shortDiff(from.join('\n'), to.join('\n'), Infinity);
      const removed = changes.filter((line) => line.startsWith('- ')).length;
      const added = changes.filter((line) => line.startsWith('+ ')).length;
      expect(from.length - removed).toBe(to.length - added);
    }),
  );
});
