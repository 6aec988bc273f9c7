/** Projects of this machine (I18). */
import { test } from 'vitest';
import fc from 'fast-check';
import { expect } from 'vitest';
import { projectsSuite } from '../tools/projects.suite.ts';
import { makeLocalTarget } from '../tools/terminal-target.fixture.ts';
import { parseGitStatus } from './git-status.ts';

projectsSuite(makeLocalTarget);

test('I18: the status of Git is read with renames, conflicts and branches', () => {
  const text = [
    '# branch.oid 0123456789abcdef',
    '# branch.head main',
    '# branch.upstream origin/main',
    '# branch.ab +2 -3',
    '1 .M N... 100644 100644 100644 aaa bbb a file',
    '2 R. N... 100644 100644 100644 aaa bbb R100 new name',
    '? old name',
    'u UU N... 1 2 3 4 a b c both',
    '? untracked',
    '',
  ].join('\0');
  const { summary, files } = parseGitStatus(text);
  expect(summary).toMatchObject({
    branch: 'main',
    commit: '0123456789ab',
    upstream: 'origin/main',
    ahead: 2,
    behind: 3,
  });
  expect(summary).toMatchObject({ staged: 1, changed: 1, untracked: 1, conflicts: 1 });
  expect(files.map(({ path }) => path)).toEqual(['a file', 'new name', 'both', 'untracked']);
});

test('I18: whatever Git says, it is read without a failure', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string(), fc.constantFrom('1 ', '2 x', 'u ', '? ', '# branch.ab')), { maxLength: 20 }),
      (parts) => {
        expect(parseGitStatus(parts.join('\0')).files.length).toBeLessThanOrEqual(parts.join('\0').split('\0').length);
      },
    ),
  );
});
