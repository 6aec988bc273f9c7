/** Behaviour of the difference that a call makes. */
import { expect, test } from 'vitest';
import { changeOf, diffLines } from './line-diff.ts';

test('issue 6: an edit shows the lines that go and come, a write all of them', async () => {
  const edit = changeOf({ action: 'edit', path: 'a.ts', edits: [{ find: 'a\nb\nc', replace: 'a\nB\nc' }] });
  expect(edit && (await diffLines(edit))).toEqual([
    { kind: 'same', before: 1, after: 1, text: 'a' },
    { kind: 'removed', before: 2, after: null, text: 'b' },
    { kind: 'added', before: null, after: 2, text: 'B' },
    { kind: 'same', before: 3, after: 3, text: 'c' },
  ]);
  const write = changeOf({ action: 'write', path: 'a.ts', content: 'one\ntwo\n' });
  expect(write && (await diffLines(write)).map(({ kind }) => kind)).toEqual(['added', 'added']);
  expect(changeOf({ action: 'read', path: 'a.ts' })).toBeUndefined();
  expect(changeOf({ action: 'edit', path: 'a.ts', edits: [{}] })).toBeUndefined();
});
