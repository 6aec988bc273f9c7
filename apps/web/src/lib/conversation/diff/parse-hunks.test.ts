/** Diffs within answers of tools. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitAnswer } from './parse-hunks.ts';

const answer = `It is renamed.
--- /srv/a.ts
+++ /srv/a.ts
@@ -1,2 +1,2 @@
-- a list
+++ b
 same
\\ No newline at end of file
--- /srv/b.ts
+++ /srv/b.ts
@@ -0,0 +1 @@
+new
[terminal acp-1]`;

test('I19: an answer is cut into its diffs and its words, by the counts of its hunks', () => {
  const parts = splitAnswer(answer);
  expect(parts.map((part) => (part.kind === 'diff' ? part.path : part.text))).toEqual([
    'It is renamed.',
    '/srv/a.ts',
    '/srv/b.ts',
    '[terminal acp-1]',
  ]);
  expect(parts[1]).toMatchObject({
    lines: [
      { kind: 'gap' },
      { kind: 'removed', text: '- a list' },
      { kind: 'added', text: '++ b' },
      { kind: 'same', text: 'same' },
    ],
  });
});

test('I19: words that only look like a diff stay words; any text at all is read to its end', () => {
  expect(splitAnswer('--- a\n+++ b\nno hunk')).toEqual([{ kind: 'text', text: '--- a\n+++ b\nno hunk' }]);
  const piece = fc.constantFrom(
    '--- a',
    '+++ b',
    '@@ -1,3 +1 @@',
    '@@ -1 +1 @@',
    '+x',
    '-y',
    ' z',
    '\\ No',
    'words',
    '',
  );
  fc.assert(fc.property(fc.array(piece, { maxLength: 30 }), (rows) => void splitAnswer(rows.join('\n'))));
});
